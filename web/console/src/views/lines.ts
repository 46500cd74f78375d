// LineIndex: where each row of the lines view begins, kept as numbers; text is made only of what is drawn.
import { GAP, NOTE, type PortLog, RX, TX } from "./log.ts";
import { type Look, LookTable, lookBehind } from "./looks.ts";
import { decode } from "./text.ts";

/**
 * A line that is longer goes on in further rows. They begin at multiples of this offset, so that rows are the same ones
 * wherever the indexing began.
 */
export const LONGEST_LINE = 4096;
/** Rows that an index can be asked to keep. */
export const MOST_ROWS = 2_000_000;
// A typed line is one row although each key is a record of its own; after a pause the next key begins a new one.
const TYPING_PAUSE_US = 5_000_000;
const ROWS_PER_BLOCK = 8192;
const CONTINUES = 0x80;
const COMMANDS = 0x40;
const KIND = 0x3f;
const LF = 10;
const CR = 13;
const ESC = 27;
// A terminal's command is not cut apart, as far as it is one that changes how text looks.
const LONGEST_COMMAND = 32;
// biome-ignore lint/suspicious/noControlCharactersInRegex: commands begin with ESC
const HALF_COMMAND = /\x1b(?:\[[0-?]*[ -/]*)?$/;

/** One row: a line that came in or was typed, a Note or a gap. */
export interface Row {
  kind: number;
  /** The first byte. */
  offset: number;
  /** Behind the last byte that is shown; line ends are left out. */
  end: number;
  /** The number of the entry that the row begins in. */
  entry: number;
  /** The row goes on with the line of the row before. */
  continues: boolean;
}

class Block {
  readonly offsets = new Float64Array(ROWS_PER_BLOCK);
  readonly ends = new Float64Array(ROWS_PER_BLOCK);
  readonly entries = new Float64Array(ROWS_PER_BLOCK);
  readonly kinds = new Uint8Array(ROWS_PER_BLOCK);
  readonly looks = new Uint16Array(ROWS_PER_BLOCK);
}

// A line that has begun and not ended; `row` is -Infinity between lines.
class Open {
  row = Number.NEGATIVE_INFINITY;
  offset = 0;
  // Where the row is full.
  full = 0;
  entry = 0;
  author = "";
  time = 0;
  // The last byte was CR: an LF that follows belongs to it.
  afterCR = false;
  continues = false;
  // The number of the look that text of this direction has where the next row begins.
  look = 0;
  // The row has commands of a terminal, which may change it.
  hasCommands = false;

  get isOpen(): boolean {
    return this.row !== Number.NEGATIVE_INFINITY;
  }

  /** The same, for rows whose numbers are higher by so many. */
  moved(by: number): Open {
    return Object.assign(new Open(), this, { row: this.row + by });
  }

  /** Whether all that comes makes the same rows of both. */
  agrees(other: Open): boolean {
    if (this.afterCR !== other.afterCR || this.continues !== other.continues) return false;
    if (!this.isOpen || !other.isOpen) return this.isOpen === other.isOpen;
    const keys = ["row", "offset", "entry", "author", "time", "hasCommands"] as const;
    return keys.every((key) => this[key] === other[key]);
  }
}

// How the index stood before an entry: from there it can go on.
interface Checkpoint {
  entry: number;
  next: number;
  rx: Open;
  tx: Open;
  rxEnd: number;
  txEnd: number;
}

type Revised = (from: number, to: number) => void;

export class LineIndex {
  #log: PortLog;
  #generation: number;
  #firstEntry: number;
  #nextEntry: number;
  #blocks: Block[] = [];
  // The number of the first block.
  #base = 0;
  #first = 0;
  #next = 0;
  #start = 0;
  #rx = new Open();
  #tx = new Open();
  #looks = new LookTable();
  #checkpoints: Checkpoint[] = [];
  #revised = new Set<Revised>();

  constructor(log: PortLog) {
    this.#log = log;
    this.#generation = log.generation;
    this.#firstEntry = log.entries.first;
    this.#nextEntry = log.entries.first;
  }

  /** The index of a log, told when the log's end is cut off. */
  static of(log: PortLog): LineIndex {
    const index = new LineIndex(log);
    log.oncut(() => index.#cutOff());
    return index;
  }

  /** The number of the first row there is; it may be below 0. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next row gets. */
  get next(): number {
    return this.#next;
  }

  /** Rows that may still grow. */
  get open(): number[] {
    return [this.#rx.row, this.#tx.row].filter((row) => row >= this.#first);
  }

  /** Calls the listener when rows from one number up to another are not what they were; answers how to stop that. */
  onrevised(listener: Revised): () => void {
    this.#revised.add(listener);
    return () => this.#revised.delete(listener);
  }

  /** Takes in what the log has got, for at most so many milliseconds. Answers whether all was taken. */
  take(milliseconds = Number.POSITIVE_INFINITY): boolean {
    const log = this.#log;
    if (this.#generation !== log.generation || log.start < this.#start) this.#restart();
    if (this.#start !== log.start) {
      this.#start = log.start;
      this.#beginAnew();
    }
    if (log.entries.first < this.#firstEntry) this.#takeEarlier();
    if (this.#nextEntry < log.entries.first) {
      this.#nextEntry = log.entries.first;
      this.#beginAnew();
    }
    this.#firstEntry = log.entries.first;
    while ((this.#checkpoints[0]?.entry ?? this.#firstEntry) < this.#firstEntry)
      this.#checkpoints.shift();
    const until = performance.now() + milliseconds;
    let steps = 0;
    while (this.#nextEntry < log.entries.next) {
      if ((++steps & 31) === 0 && performance.now() > until) break;
      this.#takeNext();
    }
    this.#dropOld();
    return this.#nextEntry >= log.entries.next;
  }

  /** The row of that number. */
  row(number: number): Row {
    const [block, at] = this.#place(number);
    const kind = block.kinds[at] as number;
    return {
      kind: kind & KIND,
      continues: (kind & CONTINUES) !== 0,
      offset: block.offsets[at] as number,
      end: block.ends[at] as number,
      entry: block.entries[at] as number,
    };
  }

  /** What the row is, without making an object for it. */
  kind(number: number): number {
    const [block, at] = this.#place(number);
    return (block.kinds[at] as number) & KIND;
  }

  /** How the row's text looks where it begins: colours go on over the ends of lines, as in a terminal. */
  look(number: number): Look {
    const [block, at] = this.#place(number);
    return this.#looks.look(block.looks[at] as number);
  }

  /** When the row's first byte came, in microseconds since the epoch. */
  time(number: number): number {
    const { entry } = this.row(number);
    return entry < this.#log.entries.first ? 0 : this.#log.entry(entry).time;
  }

  /** The last row that begins at the offset or before it. */
  find(offset: number): number {
    let low = this.#first;
    let high = this.#next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [block, at] = this.#place(middle);
      if ((block.offsets[at] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(this.#first, low - 1);
  }

  /** The bytes that a row shows, without its line end: a view of what is kept where that is one piece. */
  rowBytes(row: Row): Uint8Array {
    const { offset, end, bytes } = this.#log.entry(row.entry);
    if (row.end <= end) return bytes.subarray(row.offset - offset, row.end - offset);
    return this.#log.bytes(row.offset, row.end, row.kind);
  }

  /** Whether the row of that number can be read. */
  has(number: number): boolean {
    if (number < this.#first || number >= this.#next) return false;
    const [block, at] = this.#place(number);
    return (block.entries[at] as number) >= this.#log.entries.first;
  }

  #restart(): void {
    const { entries, generation } = this.#log;
    this.#generation = generation;
    this.#start = 0;
    this.#firstEntry = entries.first;
    this.#nextEntry = entries.first;
    this.#first = this.#next;
    this.#checkpoints = [];
    this.#beginAnew();
    this.#tell(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  #tell(from: number, to: number): void {
    for (const revised of this.#revised) revised(from, to);
  }

  #takeNext(): void {
    const entry = this.#nextEntry++;
    if (this.#log.entries.beginsChunk(entry)) this.#checkpoints.push(this.#checkpoint(entry));
    this.#takeEntry(entry);
  }

  #checkpoint(entry: number): Checkpoint {
    const endOf = ({ row }: Open) => (this.has(row) ? this.row(row).end : 0);
    return {
      entry,
      next: this.#next,
      rx: this.#rx.moved(0),
      tx: this.#tx.moved(0),
      rxEnd: endOf(this.#rx),
      txEnd: endOf(this.#tx),
    };
  }

  // Entries came before the first: they are indexed afresh together with what follows, until that makes the same rows as before.
  #takeEarlier(): void {
    const fresh = new LineIndex(this.#log);
    fresh.#looks = this.#looks;
    fresh.#start = this.#start;
    const known = this.#checkpoints.filter(({ entry }) => entry > this.#firstEntry);
    const last = this.#checkpoint(this.#nextEntry);
    let seam = last;
    for (const checkpoint of known) {
      while (fresh.#nextEntry < checkpoint.entry) fresh.#takeNext();
      if (!this.#agrees(fresh, checkpoint)) continue;
      seam = checkpoint;
      break;
    }
    while (fresh.#nextEntry < seam.entry) fresh.#takeNext();
    this.#splice(fresh, seam, seam === last);
  }

  #agrees(fresh: LineIndex, { next, rx, tx }: Checkpoint): boolean {
    const by = next - fresh.#next;
    const isKept = (open: Open) => !open.isOpen || open.row >= this.#first;
    const isSame = fresh.#rx.moved(by).agrees(rx) && fresh.#tx.moved(by).agrees(tx);
    return isSame && isKept(rx) && isKept(tx);
  }

  // Puts the rows of another index in the place of those before a checkpoint. Rows behind it keep their numbers.
  #splice(fresh: LineIndex, seam: Checkpoint, isWhole: boolean): void {
    const by = seam.next - fresh.#next;
    const first = fresh.#first + by;
    this.#makeRoom(first, seam.next);
    const [rx, tx] = [fresh.#rx.moved(by), fresh.#tx.moved(by)];
    for (let number = fresh.#first; number < fresh.#next; number++) {
      const [from, at] = fresh.#place(number);
      const isOpen = number + by === rx.row || number + by === tx.row;
      // A row that went on growing behind the seam has its end from there.
      if (isOpen && !isWhole) {
        const [block, place] = this.#place(number + by);
        block.looks[place] = from.looks[at] as number;
      } else {
        this.#put(number + by, from, at);
      }
    }
    this.#first = first;
    this.#firstEntry = fresh.#firstEntry;
    const kept = isWhole ? [] : this.#checkpoints.filter(({ entry }) => entry >= seam.entry);
    const moved = fresh.#checkpoints.map((checkpoint) => ({
      ...checkpoint,
      next: checkpoint.next + by,
      rx: checkpoint.rx.moved(by),
      tx: checkpoint.tx.moved(by),
    }));
    this.#checkpoints = [...moved, ...kept];
    if (isWhole) {
      this.#rx = rx;
      this.#tx = tx;
    } else {
      this.#look(RX, rx, seam.next);
      this.#look(TX, tx, seam.next);
    }
    this.#tell(Number.NEGATIVE_INFINITY, seam.next);
  }

  #makeRoom(first: number, next: number): void {
    const base = Math.floor(first / ROWS_PER_BLOCK);
    if (this.#blocks.length === 0) this.#base = base;
    const missing = Math.max(0, this.#base - base);
    this.#blocks.unshift(...Array.from({ length: missing }, () => new Block()));
    this.#base -= missing;
    while ((this.#base + this.#blocks.length) * ROWS_PER_BLOCK < next)
      this.#blocks.push(new Block());
  }

  // What was before is known now: rows behind the seam go on with its look, up to where one sets its own.
  #look(kind: number, open: Open, seam: number): void {
    let look = open.isOpen ? this.#lookBehind(open.row, open.look) : open.look;
    for (let row = seam; row < this.#next; row++) {
      const [block, at] = this.#place(row);
      const of = (block.kinds[at] as number) & KIND;
      if (of === GAP) return;
      if (of !== kind) continue;
      if (block.looks[at] === look) return;
      block.looks[at] = look;
      look = this.#lookBehind(row, look);
    }
    (kind === RX ? this.#rx : this.#tx).look = look;
  }

  #lookBehind(row: number, begin: number): number {
    const [block, at] = this.#place(row);
    if (!((block.kinds[at] as number) & COMMANDS)) return begin;
    const text = decode(this.rowBytes(this.row(row)));
    return this.#looks.code(lookBehind(text, this.#looks.look(begin)));
  }

  // The log has let its newest entries go: back to how it was before them.
  #cutOff(): void {
    const { entries, generation } = this.#log;
    if (this.#generation !== generation || this.#nextEntry <= entries.next) return;
    let checkpoint = this.#checkpoints.pop();
    while (checkpoint && checkpoint.entry > entries.next) checkpoint = this.#checkpoints.pop();
    if (checkpoint?.entry !== entries.next) {
      // The chunk was never reached by this index as it is now.
      this.#generation = -1;
      return;
    }
    const { rx, tx, rxEnd, txEnd, next } = checkpoint;
    for (const [open, kind, end] of [
      [rx, RX, rxEnd],
      [tx, TX, txEnd],
    ] as const) {
      open.look = this.#lookAt(kind, open, next);
      if (open.isOpen) this.#end(open.row, end);
    }
    this.#rx = rx;
    this.#tx = tx;
    this.#next = next;
    this.#first = Math.min(this.#first, next);
    this.#nextEntry = entries.next;
    const grown = [rx, tx].filter((open) => open.isOpen).map((open) => open.row);
    this.#tell(Math.min(next, ...grown), Number.POSITIVE_INFINITY);
  }

  // The look at a checkpoint: rows may have got another one since it was made.
  #lookAt(kind: number, open: Open, next: number): number {
    if (open.isOpen && open.row >= this.#first) {
      const [block, at] = this.#place(open.row);
      return block.looks[at] as number;
    }
    for (let row = next; row < this.#next; row++) {
      const [block, at] = this.#place(row);
      if (this.kind(row) === GAP) return open.look;
      if (this.kind(row) === kind) return block.looks[at] as number;
    }
    return (kind === RX ? this.#rx : this.#tx).look;
  }

  #takeEntry(number: number): void {
    const { kind, offset, end, time, bytes, author } = this.#log.entry(number);
    if (kind === RX) {
      this.#takeBytes(this.#rx, RX, number, offset, bytes);
    } else if (kind === TX) {
      const tx = this.#tx;
      if (tx.isOpen && (tx.author !== author || time - tx.time > TYPING_PAUSE_US)) this.#close(tx);
      tx.author = author;
      tx.time = time;
      this.#takeBytes(tx, TX, number, offset, bytes);
    } else if (kind === NOTE || kind === GAP) {
      if (kind === GAP) this.#beginAnew();
      else this.#breakLines();
      this.#add(kind, offset, end, number, 0);
    }
  }

  #takeBytes(open: Open, kind: number, entry: number, offset: number, bytes: Uint8Array): void {
    const length = bytes.length;
    let at = 0;
    let command = bytes.indexOf(ESC);
    while (at < length) {
      if (open.afterCR) {
        open.afterCR = false;
        if (bytes[at] === LF) {
          at++;
          continue;
        }
      }
      if (!open.isOpen) this.#begin(open, kind, offset + at, entry);
      const most = Math.min(length, Math.max(at, open.full - offset));
      while (at < most && bytes[at] !== LF && bytes[at] !== CR) at++;
      if (command >= 0 && command < at) {
        open.hasCommands = true;
        command = bytes.indexOf(ESC, at);
      }
      this.#end(open.row, offset + at);
      const byte = bytes[at] as number;
      if (at === length) return;
      if (byte === LF || byte === CR) {
        this.#close(open);
        open.afterCR = byte === CR;
        if (kind === RX) this.#close(this.#tx);
        at++;
      } else if (this.#isWithin(open, byte, offset + at)) {
        at++;
        this.#end(open.row, offset + at);
      } else {
        this.#close(open);
        open.continues = true;
      }
    }
  }

  #begin(open: Open, kind: number, offset: number, entry: number): void {
    const marked = open.continues ? kind | CONTINUES : kind;
    open.row = this.#add(marked, offset, offset, entry, open.look);
    open.offset = offset;
    open.entry = entry;
    const least = open.continues ? offset + 1 : offset + LONGEST_LINE;
    open.full = Math.ceil(least / LONGEST_LINE) * LONGEST_LINE;
    open.continues = false;
  }

  // A row is full, and this byte belongs to a character of UTF-8, which has at most three such, or to a command.
  #isWithin(open: Open, byte: number, offset: number): boolean {
    if ((byte & 0xc0) === 0x80 && offset < open.full + 3) return true;
    if (!open.hasCommands || offset >= open.full + LONGEST_COMMAND) return false;
    const tail = this.rowBytes(this.row(open.row)).subarray(-LONGEST_COMMAND);
    return HALF_COMMAND.test(decode(tail));
  }

  #close(open: Open): void {
    if (open.hasCommands && this.has(open.row)) {
      const [block, at] = this.#place(open.row);
      block.kinds[at] = (block.kinds[at] as number) | COMMANDS;
      open.look = this.#lookBehind(open.row, open.look);
    }
    open.row = Number.NEGATIVE_INFINITY;
    open.hasCommands = false;
  }

  // What comes does not follow what was: how it looks is not known either.
  #beginAnew(): void {
    this.#breakLines();
    this.#rx.look = 0;
    this.#tx.look = 0;
  }

  #breakLines(): void {
    for (const open of [this.#rx, this.#tx]) {
      this.#close(open);
      open.afterCR = false;
      open.continues = false;
    }
  }

  #add(kind: number, offset: number, end: number, entry: number, look: number): number {
    const number = this.#next++;
    const index = Math.floor(number / ROWS_PER_BLOCK) - this.#base;
    if (index >= this.#blocks.length) this.#blocks.push(new Block());
    const [block, at] = this.#place(number);
    block.kinds[at] = kind;
    block.offsets[at] = offset;
    block.ends[at] = end;
    block.entries[at] = entry;
    block.looks[at] = look;
    return number;
  }

  #put(number: number, from: Block, at: number): void {
    const [block, place] = this.#place(number);
    block.kinds[place] = from.kinds[at] as number;
    block.offsets[place] = from.offsets[at] as number;
    block.ends[place] = from.ends[at] as number;
    block.entries[place] = from.entries[at] as number;
    block.looks[place] = from.looks[at] as number;
  }

  #end(number: number, end: number): void {
    if (number < this.#first) return;
    const [block, at] = this.#place(number);
    block.ends[at] = end;
  }

  #place(number: number): [Block, number] {
    const index = Math.floor(number / ROWS_PER_BLOCK);
    const block = this.#blocks[index - this.#base];
    if (!block) throw new RangeError(`row ${number} is not kept`);
    return [block, number - index * ROWS_PER_BLOCK];
  }

  #dropOld(): void {
    const shown = this.#log.firstShown;
    let first = this.#first;
    let high = this.#next;
    while (first < high) {
      const middle = Math.floor((first + high) / 2);
      const [block, at] = this.#place(middle);
      if ((block.offsets[at] as number) < shown) first = middle + 1;
      else high = middle;
    }
    this.#first = first;
    while (this.#blocks.length > 1 && (this.#base + 1) * ROWS_PER_BLOCK <= first) {
      this.#blocks.shift();
      this.#base++;
    }
  }
}
