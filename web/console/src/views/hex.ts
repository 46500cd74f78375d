// HexIndex: a journal as rows of bytes; a new row begins where the direction turns, at Notes, at gaps, and at every 4096th offset.
import { GAP, NOTE, type PortLog } from "./log.ts";

/** One row: bytes of one direction, a Note or a gap. */
export interface HexRow {
  kind: number;
  offset: number;
  /** Behind the row's last byte; for a gap where the journal goes on. */
  end: number;
}

// Stretches end at multiples of this, so that rows are the same ones wherever the indexing began.
const LONGEST_STRETCH = 4096;

// A stretch of one kind; where it ends is where the next begins.
interface Stretches {
  kinds: Uint8Array;
  starts: Float64Array;
  // The number of the stretch's first row, for the columns that are set.
  rows: Float64Array;
}

const FIRST_SIZE = 1024;

export class HexIndex {
  #log: PortLog;
  #generation: number;
  #columns: number;
  #firstEntry: number;
  #nextEntry: number;
  #stretches = makeStretches(FIRST_SIZE);
  #from = 0;
  #to = 0;
  #head = 0;
  #first = 0;

  constructor(log: PortLog, columns = 16) {
    this.#log = log;
    this.#columns = columns;
    this.#generation = log.generation;
    this.#firstEntry = log.entries.first;
    this.#nextEntry = log.entries.first;
  }

  /** The index of a log, told when the log's end is cut off. */
  static of(log: PortLog): HexIndex {
    const index = new HexIndex(log);
    log.oncut(() => index.#cutOff());
    return index;
  }

  get columns(): number {
    return this.#columns;
  }

  /** Counts all rows anew for so many bytes in each. */
  set columns(columns: number) {
    if (columns === this.#columns) return;
    this.#columns = columns;
    let rows = 0;
    for (let i = this.#from; i < this.#to; i++) {
      this.#stretches.rows[i] = rows;
      rows += this.#rowsOf(i);
    }
    this.#first = 0;
  }

  /** The number of the first row there is; it may be below 0. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next row gets. */
  get next(): number {
    const last = this.#to - 1;
    if (last < this.#from) return this.#first;
    return (this.#stretches.rows[last] as number) + this.#rowsOf(last);
  }

  /** Takes in what the log has got. */
  take(): void {
    const log = this.#log;
    if (this.#generation !== log.generation) {
      this.#generation = log.generation;
      this.#first = this.next;
      this.#from = this.#to;
      this.#firstEntry = log.entries.first;
      this.#nextEntry = log.entries.first;
    }
    if (log.entries.first < this.#firstEntry) this.#takeEarlier();
    this.#firstEntry = log.entries.first;
    this.#nextEntry = Math.max(this.#nextEntry, log.entries.first);
    while (this.#nextEntry < log.entries.next) this.#takeNext();
    this.#drop(log.firstShown);
  }

  /** The row of that number. */
  row(number: number): HexRow {
    const { kinds, starts, rows } = this.#stretches;
    const i = this.#search(rows, number);
    const kind = kinds[i] as number;
    const start = starts[i] as number;
    const stop = this.#stop(i);
    if (kind === NOTE || kind === GAP) return { kind, offset: start, end: stop };
    const offset = start + (number - (rows[i] as number)) * this.#columns;
    return { kind, offset, end: Math.min(stop, offset + this.#columns) };
  }

  /** The row that holds the offset. */
  find(offset: number): number {
    if (this.#to === this.#from) return this.#first;
    const { kinds, starts, rows } = this.#stretches;
    const i = this.#search(starts, offset);
    const row = rows[i] as number;
    if (kinds[i] === NOTE || kinds[i] === GAP) return row;
    const within = Math.floor(Math.max(0, offset - (starts[i] as number)) / this.#columns);
    return Math.max(this.#first, row + Math.min(within, this.#rowsOf(i) - 1));
  }

  #takeNext(): void {
    const { kind, offset, end } = this.#log.entry(this.#nextEntry++);
    const isBytes = kind !== NOTE && kind !== GAP;
    const isNew = this.#to === this.#from || this.#stretches.kinds[this.#to - 1] !== kind;
    if (isNew || !isBytes) this.#begin(kind, offset);
    const begun = this.#stretches.starts[this.#to - 1] as number;
    let cut = Math.ceil(Math.max(offset, begun + 1) / LONGEST_STRETCH) * LONGEST_STRETCH;
    for (; isBytes && cut < end; cut += LONGEST_STRETCH) this.#begin(kind, cut);
    this.#head = end;
  }

  // Entries came before the first: their stretches, and those behind them up to one that was there before.
  #takeEarlier(): void {
    const fresh = new HexIndex(this.#log, this.#columns);
    let seam = this.#to;
    while (fresh.#nextEntry < this.#nextEntry && seam === this.#to) {
      fresh.#takeNext();
      const known = this.#search(this.#stretches.starts, fresh.#lastStart);
      const isSame =
        known > this.#from &&
        this.#stretches.starts[known] === fresh.#lastStart &&
        this.#stretches.kinds[known] === fresh.#stretches.kinds[fresh.#to - 1];
      if (isSame) seam = known;
    }
    const isWhole = seam === this.#to;
    const end = isWhole ? this.next : (this.#stretches.rows[seam] as number);
    if (isWhole) this.#head = fresh.#head;
    else fresh.#to--;
    const by = end - (isWhole ? fresh.next : (fresh.#stretches.rows[fresh.#to] as number));
    this.#stretches = joinedStretches(fresh.#range(by), this.#range(0, seam));
    this.#to = fresh.#to - fresh.#from + this.#to - seam;
    this.#from = 0;
    this.#first = by;
  }

  get #lastStart(): number {
    return this.#stretches.starts[this.#to - 1] as number;
  }

  // The stretches from a place on, their rows renumbered.
  #range(by: number, from = this.#from): Stretches {
    const { kinds, starts, rows } = this.#stretches;
    return {
      kinds: kinds.subarray(from, this.#to),
      starts: starts.subarray(from, this.#to),
      rows: rows.slice(from, this.#to).map((row) => row + by),
    };
  }

  // The log has let its newest entries go.
  #cutOff(): void {
    const { entries, generation } = this.#log;
    if (this.#generation !== generation || this.#nextEntry <= entries.next) return;
    this.#nextEntry = entries.next;
    this.#head = entries.head;
    while (this.#to > this.#from && this.#lastStart >= this.#head) this.#to--;
    this.#first = Math.min(this.#first, this.next);
  }

  #begin(kind: number, offset: number): void {
    this.#head = offset;
    const row = this.next;
    if (this.#to === this.#stretches.kinds.length) this.#makeRoom();
    const at = this.#to++;
    this.#stretches.kinds[at] = kind;
    this.#stretches.starts[at] = offset;
    this.#stretches.rows[at] = row;
  }

  #drop(shown: number): void {
    const { starts } = this.#stretches;
    // A gap of no length stands at the beginning of a journal, and is shown.
    const isGone = (i: number) => this.#stop(i) <= shown && (starts[i] as number) < shown;
    while (this.#from < this.#to - 1 && isGone(this.#from)) this.#from++;
    if (this.#from === this.#to) return;
    const start = starts[this.#from] as number;
    const row = this.#stretches.rows[this.#from] as number;
    const hidden = Math.max(0, Math.min(shown, this.#head) - start);
    const isBytes = ![NOTE, GAP].includes(this.#stretches.kinds[this.#from] as number);
    const gone = isBytes ? Math.ceil(hidden / this.#columns) : hidden > 0 ? 1 : 0;
    this.#first = Math.max(this.#first, row + Math.min(gone, this.#rowsOf(this.#from)));
  }

  #rowsOf(i: number): number {
    const kind = this.#stretches.kinds[i];
    if (kind === NOTE || kind === GAP) return 1;
    return Math.ceil((this.#stop(i) - (this.#stretches.starts[i] as number)) / this.#columns);
  }

  #stop(i: number): number {
    return i + 1 < this.#to ? (this.#stretches.starts[i + 1] as number) : this.#head;
  }

  #search(values: Float64Array, wanted: number): number {
    let low = this.#from;
    let high = this.#to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[middle] as number) <= wanted) low = middle + 1;
      else high = middle;
    }
    return Math.max(this.#from, low - 1);
  }

  #makeRoom(): void {
    const { kinds, starts, rows } = this.#stretches;
    const kept = this.#to - this.#from;
    const grown = makeStretches(Math.max(FIRST_SIZE, kept * 2));
    grown.kinds.set(kinds.subarray(this.#from, this.#to));
    grown.starts.set(starts.subarray(this.#from, this.#to));
    grown.rows.set(rows.subarray(this.#from, this.#to));
    this.#stretches = grown;
    this.#from = 0;
    this.#to = kept;
  }
}

function joinedStretches(one: Stretches, other: Stretches): Stretches {
  const count = one.kinds.length;
  const all = makeStretches(Math.max(FIRST_SIZE, 2 * (count + other.kinds.length)));
  for (const key of ["kinds", "starts", "rows"] as const) {
    all[key].set(one[key]);
    all[key].set(other[key], count);
  }
  return all;
}

function makeStretches(size: number): Stretches {
  return {
    kinds: new Uint8Array(size),
    starts: new Float64Array(size),
    rows: new Float64Array(size),
  };
}

/** An offset as eight hex digits or more, in groups of four. */
export function offsetText(offset: number): string {
  const digits = offset.toString(16).padStart(8, "0");
  return digits.replace(/\B(?=(.{4})+$)/g, " ");
}

/** A byte as two hex digits. */
export function byteText(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** What the ASCII column shows for a byte. */
export function characterText(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}

/** Reads what is searched for: hex pairs where it is nothing else, the UTF-8 of a text otherwise. */
export function readNeedle(text: string): Uint8Array {
  const hex = text.replace(/^0x/i, "").replaceAll(/[\s:]/g, "");
  const pairs = /^(0x)?[0-9a-f]{2}([\s:]?[0-9a-f]{2})*$/i.test(text.trim());
  if (!pairs) return new TextEncoder().encode(text);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The next place of a needle among the bytes of a log from an offset on, or the last one before it; null where there is none. */
export function findBytes(
  log: PortLog,
  needle: Uint8Array,
  from: number,
  forward: boolean,
): number | null {
  const step = 1 << 20;
  const first = log.firstShown;
  if (needle.length === 0) return null;
  if (forward) {
    for (let at = Math.max(first, from); at < log.head; at += step) {
      const found = placesOf(log, needle, at, at + step)[0];
      if (found !== undefined) return found;
    }
    return null;
  }
  for (let to = Math.min(log.head, from); to > first; to -= step) {
    const found = placesOf(log, needle, Math.max(first, to - step), to).at(-1);
    if (found !== undefined) return found;
  }
  return null;
}

// Places that begin in [from, to). Runs of one direction are joined, so that a match may cross records.
function placesOf(log: PortLog, needle: Uint8Array, from: number, to: number): number[] {
  const places: number[] = [];
  let kind = 0;
  let bytes = new Uint8Array(0);
  let offset = from;
  const look = () => {
    for (let at = bytes.indexOf(needle[0] as number); at >= 0; ) {
      if (offset + at >= to || at + needle.length > bytes.length) break;
      if (needle.every((byte, i) => bytes[at + i] === byte)) places.push(offset + at);
      at = bytes.indexOf(needle[0] as number, at + 1);
    }
  };
  const parts: Uint8Array[] = [];
  const flush = () => {
    bytes = joined(parts);
    look();
    parts.length = 0;
  };
  let next = from;
  for (const run of log.runs(from, to + needle.length)) {
    if (run.kind !== kind || run.offset !== next) {
      flush();
      offset = run.offset;
      kind = run.kind;
    }
    parts.push(run.bytes);
    next = run.offset + run.bytes.length;
  }
  flush();
  return places;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
