// LineIndex: where each row of the lines view begins, kept as numbers; text is made only of what is drawn.
import { GAP, NOTE, type PortLog, RX, TX } from "./log.ts";
import { type Look, LookTable, lookBehind } from "./looks.ts";
import { decode } from "./text.ts";

/** Bytes of a line that one row shows; what is longer goes on in the next row. */
export const LONGEST_LINE = 4096;
/** Rows that an index keeps; the oldest go first. */
export const MOST_ROWS = 2_000_000;
// A line that others wrote into stays one row only while its pieces are near to each other.
const LONGEST_SPAN = 64 * 1024;
const MOST_ENTRIES = 2 * LONGEST_LINE;
// A typed line is one row although each key is a record of its own; after a pause the next key begins a new one.
const TYPING_PAUSE_US = 5_000_000;
const ROWS_PER_BLOCK = 8192;
const CONTINUES = 0x80;
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

// A line that has begun and not ended; `row` is -1 between lines.
class Open {
  row = -1;
  length = 0;
  offset = 0;
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
}

export class LineIndex {
  /** Device bytes that were indexed, of both directions. */
  bytes = 0;
  #log: PortLog;
  #generation: number;
  #nextEntry: number;
  #blocks: Block[] = [];
  // The number of the first block ever kept minus those dropped: rows are numbered without end.
  #base = 0;
  #first = 0;
  #next = 0;
  #start = 0;
  #rx = new Open();
  #tx = new Open();
  #looks = new LookTable();

  constructor(log: PortLog) {
    this.#log = log;
    this.#generation = log.generation;
    this.#nextEntry = log.entries.first;
  }

  /** The number of the first row there is. */
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

  /** Takes in what the log has got, for at most so many milliseconds. Answers whether all was taken. */
  take(milliseconds = Number.POSITIVE_INFINITY): boolean {
    const log = this.#log;
    if (this.#generation !== log.generation) this.#restart();
    if (this.#start !== log.start) {
      this.#start = log.start;
      this.#beginAnew();
    }
    if (this.#nextEntry < log.entries.first) {
      this.#nextEntry = log.entries.first;
      this.#beginAnew();
    }
    const until = performance.now() + milliseconds;
    let steps = 0;
    while (this.#nextEntry < log.entries.next) {
      if ((++steps & 31) === 0 && performance.now() > until) break;
      this.#takeEntry(this.#nextEntry++);
    }
    this.#dropOld();
    return this.#nextEntry >= log.entries.next;
  }

  /** The row of that number. */
  row(number: number): Row {
    const [block, at] = this.#place(number);
    const kind = block.kinds[at] as number;
    return {
      kind: kind & ~CONTINUES,
      continues: (kind & CONTINUES) !== 0,
      offset: block.offsets[at] as number,
      end: block.ends[at] as number,
      entry: block.entries[at] as number,
    };
  }

  /** What the row is, without making an object for it. */
  kind(number: number): number {
    const [block, at] = this.#place(number);
    return (block.kinds[at] as number) & ~CONTINUES;
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
      const middle = (low + high) >>> 1;
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
    this.#generation = this.#log.generation;
    this.#nextEntry = this.#log.entries.first;
    this.#first = this.#next;
    this.bytes = 0;
    this.#beginAnew();
  }

  #takeEntry(number: number): void {
    const { kind, offset, end, time, bytes, author } = this.#log.entry(number);
    if (kind === RX) {
      this.#takeBytes(this.#rx, RX, number, offset, bytes);
      this.bytes += bytes.length;
    } else if (kind === TX) {
      const tx = this.#tx;
      if (tx.row >= 0 && (tx.author !== author || time - tx.time > TYPING_PAUSE_US))
        this.#close(tx);
      tx.author = author;
      tx.time = time;
      this.#takeBytes(tx, TX, number, offset, bytes);
      this.bytes += bytes.length;
    } else if (kind === NOTE || kind === GAP) {
      if (kind === GAP) this.#beginAnew();
      else this.#breakLines();
      this.#add(kind, offset, end, number, 0);
    }
  }

  #takeBytes(open: Open, kind: number, entry: number, offset: number, bytes: Uint8Array): void {
    if (
      open.row >= 0 &&
      (entry - open.entry > MOST_ENTRIES || offset - open.offset > LONGEST_SPAN)
    ) {
      this.#close(open);
      open.continues = true;
    }
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
      if (open.row < 0) this.#begin(open, kind, offset + at, entry);
      const from = at;
      const most = Math.min(length, at + Math.max(0, LONGEST_LINE - open.length));
      while (at < most && bytes[at] !== LF && bytes[at] !== CR) at++;
      open.length += at - from;
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
      } else if (this.#isWithin(open, byte)) {
        open.length++;
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
    open.length = 0;
    open.continues = false;
  }

  // A row is full, and this byte belongs to a character of UTF-8, which has at most three such, or to a command.
  #isWithin(open: Open, byte: number): boolean {
    if ((byte & 0xc0) === 0x80 && open.length < LONGEST_LINE + 3) return true;
    if (!open.hasCommands || open.length >= LONGEST_LINE + LONGEST_COMMAND) return false;
    const tail = this.rowBytes(this.row(open.row)).subarray(-LONGEST_COMMAND);
    return HALF_COMMAND.test(decode(tail));
  }

  #close(open: Open): void {
    if (open.hasCommands && this.has(open.row)) {
      const text = decode(this.rowBytes(this.row(open.row)));
      open.look = this.#looks.code(lookBehind(text, this.#looks.look(open.look)));
    }
    open.row = -1;
    open.length = 0;
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

  #end(number: number, end: number): void {
    if (number < this.#first) return;
    const [block, at] = this.#place(number);
    block.ends[at] = end;
  }

  #place(number: number): [Block, number] {
    const block = this.#blocks[Math.floor(number / ROWS_PER_BLOCK) - this.#base];
    if (!block) throw new RangeError(`row ${number} is not kept`);
    return [block, number % ROWS_PER_BLOCK];
  }

  #dropOld(): void {
    const shown = this.#log.firstShown;
    let first = Math.max(this.#first, this.#next - MOST_ROWS);
    let high = this.#next;
    while (first < high) {
      const middle = (first + high) >>> 1;
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
