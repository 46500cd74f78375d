// RowScan: which rows a pattern and a choice of kinds let through, found batch by batch while the page goes on.
import type { LineIndex, Row } from "./lines.ts";
import { GAP, type PortLog, RX, TX } from "./log.ts";
import type { Matcher } from "./matcher.ts";
import type { Pattern } from "./pattern.ts";
import { RowList } from "./row-list.ts";

const BATCH_ROWS = 8192;
const BATCH_BYTES = 512 * 1024;
// Rows looked at in one go where no pattern is run.
const SLICE_ROWS = 50_000;
const utf8 = new TextEncoder();

export interface Scope {
  /** Null lets all rows through that are of the kinds. */
  pattern: Pattern | null;
  /** Rows before and behind a match that are shown with it. */
  context: number;
  kinds: ReadonlySet<number>;
}

/** The bytes of a row that a pattern is run on: for a Note its sentence. */
export function searchedBytes(log: PortLog, index: LineIndex, row: Row): Uint8Array {
  if (row.kind === GAP || row.entry < log.entries.first) return new Uint8Array(0);
  if (row.kind === RX || row.kind === TX) return index.rowBytes(row);
  return utf8.encode(log.entry(row.entry).note?.text ?? "");
}

export class RowScan {
  /** Rows that match. */
  readonly matches = new RowList();
  /** Rows to show: those that match, and their context. */
  readonly shown = new RowList();
  /** Why the scan has stopped. */
  error: string | null = null;

  #scanned: number;
  #busy = false;
  #stopped = false;
  #contextTo = -1;
  // Rows that were scanned while they could still grow, with the end they had.
  #growing = new Map<number, number>();

  constructor(
    readonly log: PortLog,
    readonly index: LineIndex,
    readonly matcher: Matcher,
    readonly scope: Scope,
    readonly changed: () => void,
  ) {
    this.#scanned = index.first;
  }

  /** Part of the rows that was looked at, from 0 to 1. */
  get progress(): number {
    const { first, next } = this.index;
    return next === first ? 1 : Math.max(0, this.#scanned - first) / (next - first);
  }

  /** Whether every row that there is was looked at. */
  get isDone(): boolean {
    return !this.#busy && this.#scanned >= this.index.next;
  }

  /** Goes on with what is new; called once per frame. */
  advance(): void {
    if (this.#stopped || this.#busy || this.error !== null) return;
    const first = this.index.first;
    this.matches.dropBelow(first);
    this.shown.dropBelow(first);
    this.#scanned = Math.max(this.#scanned, first);
    if (this.scope.pattern === null) this.#advancePlain();
    else void this.#advancePattern(this.scope.pattern);
  }

  /** Ends the scan; what was found stays. */
  stop(): void {
    this.#stopped = true;
  }

  #advancePlain(): void {
    const to = Math.min(this.index.next, this.#scanned + SLICE_ROWS);
    for (; this.#scanned < to; this.#scanned++) {
      if (this.scope.kinds.has(this.index.kind(this.#scanned))) this.shown.add(this.#scanned);
    }
    if (this.#scanned < this.index.next) setTimeout(() => this.#again());
  }

  async #advancePattern(pattern: Pattern): Promise<void> {
    const rows = this.#nextRows();
    if (rows.length === 0) return;
    this.#busy = true;
    const { bytes, ends } = this.#gather(rows);
    try {
      const hits = await this.matcher.test(pattern, bytes, ends);
      if (this.#stopped) return;
      rows.forEach((row, at) => {
        this.#decide(row, hits[at] === 1);
      });
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
    this.#busy = false;
    this.#again();
  }

  #again(): void {
    if (this.#stopped) return;
    this.changed();
    if (this.#scanned < this.index.next) this.advance();
  }

  // First the rows that have grown since they were looked at, then the new ones.
  #nextRows(): number[] {
    const { index, scope } = this;
    const open = index.open;
    const rows: number[] = [];
    for (const [row, end] of this.#growing) {
      if (row < index.first) this.#growing.delete(row);
      else if (index.row(row).end !== end) rows.push(row);
      else if (!open.includes(row)) this.#growing.delete(row);
    }
    let bytes = 0;
    while (this.#scanned < index.next && rows.length < BATCH_ROWS && bytes < BATCH_BYTES) {
      const row = this.#scanned++;
      const { kind, offset, end } = index.row(row);
      if (!scope.kinds.has(kind)) continue;
      bytes += end - offset;
      rows.push(row);
    }
    for (const row of open) if (row < this.#scanned) this.#growing.set(row, index.row(row).end);
    return rows;
  }

  #gather(rows: number[]): { bytes: Uint8Array; ends: Uint32Array } {
    const ends = new Uint32Array(rows.length);
    const parts = rows.map((row) => searchedBytes(this.log, this.index, this.index.row(row)));
    let length = 0;
    parts.forEach((part, at) => {
      length += part.length;
      ends[at] = length;
    });
    const bytes = new Uint8Array(length);
    parts.forEach((part, at) => {
      bytes.set(part, at === 0 ? 0 : ends[at - 1]);
    });
    return { bytes, ends };
  }

  #decide(row: number, hit: boolean): void {
    const { context, kinds } = this.scope;
    const show = (number: number) => {
      if (number >= this.index.first && kinds.has(this.index.kind(number))) this.shown.add(number);
    };
    if (hit) {
      this.matches.add(row);
      for (let before = row - context; before < row; before++) show(before);
      show(row);
      this.#contextTo = Math.max(this.#contextTo, row + context);
    } else if (row <= this.#contextTo) {
      show(row);
    }
  }
}
