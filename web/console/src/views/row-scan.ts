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

// Rows that are looked at together; they are looked at when all of them are.
interface Batch {
  rows: number[];
  /** What was looked at with them: from, and behind. */
  from: number;
  to: number;
}

export class RowScan {
  /** Rows that match. */
  readonly matches = new RowList();
  /** Rows to show: those that match, and their context. */
  readonly shown = new RowList();
  /** Why the scan has stopped. */
  error: string | null = null;

  // The rows that were looked at: what comes goes on behind them, what came before goes on before them.
  #from: number;
  #to: number;
  #busy = false;
  #stopped = false;
  // Counts revisions: a batch that was under way at one is looked at again.
  #revision = 0;
  #contextTo = Number.NEGATIVE_INFINITY;
  // Rows that were looked at while they could still grow, with the end they had.
  #growing = new Map<number, number>();
  #forget: () => void;

  constructor(
    readonly log: PortLog,
    readonly index: LineIndex,
    readonly matcher: Matcher,
    readonly scope: Scope,
    readonly changed: () => void,
  ) {
    this.#from = index.first;
    this.#to = index.first;
    this.#forget = index.onrevised((from, to) => this.#revised(from, to));
  }

  /** Part of the rows that was looked at, from 0 to 1. */
  get progress(): number {
    const { first, next } = this.index;
    return next === first ? 1 : Math.max(0, this.#to - this.#from) / (next - first);
  }

  /** Whether every row that there is was looked at. */
  get isDone(): boolean {
    return !this.#busy && !this.#hasMore;
  }

  /** Goes on with what is new; called once per frame. */
  advance(): void {
    if (this.#stopped || this.#busy || this.error !== null) return;
    const first = this.index.first;
    this.matches.dropBelow(first);
    this.shown.dropBelow(first);
    this.#from = Math.max(this.#from, first);
    this.#to = Math.max(this.#to, first);
    if (this.scope.pattern === null) this.#advancePlain();
    else void this.#advancePattern(this.scope.pattern);
  }

  /** Ends the scan; what was found stays. */
  stop(): void {
    this.#stopped = true;
    this.#forget();
  }

  get #hasMore(): boolean {
    return this.#to < this.index.next || this.#from > this.index.first;
  }

  // Rows that are not what they were are looked at again.
  #revised(from: number, to: number): void {
    this.#revision++;
    if (from === Number.NEGATIVE_INFINITY) {
      this.matches.dropBelow(to);
      this.shown.dropBelow(to);
      const { next } = this.index;
      this.#from = Math.min(Math.max(this.#from, to), next);
      this.#to = Math.min(Math.max(this.#to, this.#from), next);
    } else {
      this.matches.dropFrom(from);
      this.shown.dropFrom(from);
      this.#to = Math.min(this.#to, from);
      this.#from = Math.min(this.#from, this.#to);
      this.#contextTo = Math.min(this.#contextTo, from);
    }
  }

  #advancePlain(): void {
    const { index, scope } = this;
    const to = Math.min(index.next, this.#to + SLICE_ROWS);
    for (; this.#to < to; this.#to++) {
      if (scope.kinds.has(index.kind(this.#to))) this.shown.add(this.#to);
    }
    const from = Math.max(index.first, this.#from - SLICE_ROWS);
    const before: number[] = [];
    for (let row = from; row < this.#from; row++) {
      if (scope.kinds.has(index.kind(row))) before.push(row);
    }
    this.shown.addBefore(before);
    this.#from = Math.min(this.#from, from);
    if (this.#hasMore) setTimeout(() => this.#again());
  }

  async #advancePattern(pattern: Pattern): Promise<void> {
    const batch = this.#laterRows() ?? this.#earlierRows();
    if (!batch) return;
    const revision = this.#revision;
    this.#busy = true;
    const { bytes, ends } = this.#gather(batch.rows);
    try {
      const hits = await this.matcher.test(pattern, bytes, ends);
      if (this.#stopped) return;
      if (revision === this.#revision) this.#decide(batch, hits);
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
    this.#busy = false;
    this.#again();
  }

  #again(): void {
    if (this.#stopped) return;
    this.changed();
    if (this.#hasMore) this.advance();
  }

  // First the rows that have grown since they were looked at, then the new ones.
  #laterRows(): Batch | null {
    const { index } = this;
    const open = index.open;
    const rows: number[] = [];
    for (const [row, end] of this.#growing) {
      if (row < index.first || row >= this.#to) this.#growing.delete(row);
      else if (index.row(row).end !== end) rows.push(row);
      else if (!open.includes(row)) this.#growing.delete(row);
    }
    let to = this.#to;
    for (let bytes = 0; to < index.next && this.#isRoom(rows, bytes); to++)
      bytes += this.#add(rows, to);
    for (const row of open) if (row < to) this.#growing.set(row, index.row(row).end);
    return rows.length > 0 || to > this.#to ? { rows, from: this.#from, to } : null;
  }

  #earlierRows(): Batch | null {
    const { index } = this;
    const rows: number[] = [];
    let from = this.#from;
    for (let bytes = 0; from > index.first && this.#isRoom(rows, bytes); from--)
      bytes += this.#add(rows, from - 1);
    return from < this.#from ? { rows: rows.reverse(), from, to: this.#to } : null;
  }

  #isRoom(rows: number[], bytes: number): boolean {
    return rows.length < BATCH_ROWS && bytes < BATCH_BYTES;
  }

  #add(rows: number[], row: number): number {
    const { kind, offset, end } = this.index.row(row);
    if (!this.scope.kinds.has(kind)) return 0;
    rows.push(row);
    return end - offset;
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

  #decide({ rows, from, to }: Batch, hits: Uint8Array): void {
    const { index, scope } = this;
    const matches = rows.filter((_, at) => hits[at] === 1);
    const carried = rows.filter((row) => row >= this.#to && row <= this.#contextTo);
    const shown = new Set(carried);
    const show = (row: number) => {
      if (index.has(row) && scope.kinds.has(index.kind(row))) shown.add(row);
    };
    for (const match of matches) {
      const behind = match + scope.context;
      for (let row = match - scope.context; row <= behind; row++) show(row);
      this.#contextTo = Math.max(this.#contextTo, behind);
    }
    const isEarlier = from < this.#from;
    const inOrder = [...shown].sort((a, b) => a - b);
    if (isEarlier) {
      this.matches.addBefore(matches);
      this.shown.addBefore(inOrder);
    } else {
      for (const row of matches) this.matches.add(row);
      for (const row of inOrder) this.shown.add(row);
    }
    this.#from = from;
    this.#to = Math.max(this.#to, to);
  }
}
