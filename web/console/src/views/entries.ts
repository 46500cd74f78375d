// Entries: a stretch of a journal, its records kept as bytes in chunks with typed indexes; chunks come and go at both ends.
import type { Note, SerialRecord, Why } from "seriald";
import { amount } from "../model/format.ts";

/** What an entry is: the journal's record kinds, by their number on the wire. */
export const RX = 1;
export const TX = 2;
export const NOTE = 3;
export const GAP = 4;

const WHYS: readonly Why[] = ["dropped", "withheld", "crash"];
const CODES = { rx: RX, tx: TX, note: NOTE, gap: GAP } as const;

/** One record as it is kept. `bytes` is a view of the chunk: read it, do not keep it. */
export interface Entry {
  kind: number;
  live: boolean;
  offset: number;
  /** The offset behind the entry; a gap's is where the journal goes on. */
  end: number;
  time: number;
  bytes: Uint8Array;
  author: string;
  note: Note | undefined;
  /** Why there is nothing, for a gap. */
  why: Why;
}

const CHUNK_BYTES = 256 * 1024;
const FIRST_BYTES = 8 * 1024;
const CHUNK_ENTRIES = 4096;
const LIVE = 0x80;
const NOTHING = new Uint8Array(0);

class Chunk {
  count = 0;
  used = 0;
  bytes = new Uint8Array(FIRST_BYTES);
  readonly kinds = new Uint8Array(CHUNK_ENTRIES);
  readonly authors = new Uint16Array(CHUNK_ENTRIES);
  readonly starts = new Uint32Array(CHUNK_ENTRIES + 1);
  readonly offsets = new Float64Array(CHUNK_ENTRIES);
  readonly ends = new Float64Array(CHUNK_ENTRIES);
  readonly times = new Float64Array(CHUNK_ENTRIES);
  readonly notes = new Map<number, Note>();

  /** `first` numbers the chunk's first entry. */
  constructor(public first: number) {}

  fits(length: number): boolean {
    return this.count < CHUNK_ENTRIES && (this.used === 0 || this.used + length <= CHUNK_BYTES);
  }

  put(bytes: Uint8Array): void {
    const needed = this.used + bytes.length;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.bytes.length * 2, CHUNK_BYTES)));
      grown.set(this.bytes.subarray(0, this.used));
      this.bytes = grown;
    }
    this.bytes.set(bytes, this.used);
    this.used = needed;
  }

  seal(): void {
    if (this.used < this.bytes.length) this.bytes = this.bytes.slice(0, this.used);
  }

  get head(): number {
    return this.count > 0 ? (this.ends[this.count - 1] as number) : 0;
  }
}

/** Entries in order, found by number or by offset. Each keeps its number, whatever comes before it. */
export class Entries {
  /** Bytes of payload that are kept. */
  bytes = 0;
  #chunks: Chunk[] = [];
  #next = 0;
  // Most reads follow each other; the chunk of the last one is looked at first.
  #recent = 0;
  #authors: string[] = [""];
  #authorCodes = new Map<string, number>([["", 0]]);

  constructor(
    readonly mostBytes: number,
    readonly mostEntries = 2_000_000,
  ) {}

  /** The number of the oldest entry that is kept. */
  get first(): number {
    return this.#chunks[0]?.first ?? this.#next;
  }

  /** The number the next entry gets. */
  get next(): number {
    return this.#next;
  }

  /** The offset of the oldest byte that is kept. */
  get oldest(): number {
    return this.#chunks[0]?.offsets[0] ?? 0;
  }

  /** The offset behind the newest. */
  get head(): number {
    return this.#chunks.at(-1)?.head ?? 0;
  }

  /** Whether there is more than is to be kept, and it can be less. */
  get isOverfull(): boolean {
    const isMuch = this.bytes > this.mostBytes || this.#next - this.first > this.mostEntries;
    return isMuch && this.#chunks.length > 1;
  }

  /** Whether entries can go away behind this one, or come before it: numbers at which a chunk begins. */
  beginsChunk(number: number): boolean {
    return this.#chunkOf(number).first === number;
  }

  /** Takes a record in behind the newest. */
  push(record: SerialRecord, offset = record.offset, bytes = record.bytes): void {
    const payload = record.kind === "rx" || record.kind === "tx" ? bytes : NOTHING;
    let chunk = this.#chunks.at(-1);
    if (!chunk?.fits(payload.length)) {
      chunk?.seal();
      chunk = new Chunk(this.#next);
      this.#chunks.push(chunk);
    }
    const at = chunk.count++;
    this.#next++;
    chunk.kinds[at] = CODES[record.kind] | (record.live ? LIVE : 0);
    chunk.authors[at] =
      record.kind === "gap" ? WHYS.indexOf(record.why ?? "dropped") : this.#code(record.author);
    chunk.offsets[at] = offset;
    chunk.ends[at] = record.end;
    chunk.times[at] = record.time;
    chunk.put(payload);
    chunk.starts[at + 1] = chunk.used;
    if (record.note) chunk.notes.set(at, record.note);
    this.bytes += payload.length;
  }

  /** Takes records in before the oldest. Two gaps of one reason that touch become one. */
  prepend(records: readonly SerialRecord[]): void {
    const rest = [...records];
    const last = rest.at(-1);
    const oldest = this.#chunks[0];
    if (oldest && last?.kind === "gap" && ((oldest.kinds[0] as number) & ~LIVE) === GAP)
      if (WHYS[oldest.authors[0] as number] === last.why) {
        oldest.offsets[0] = last.offset;
        rest.pop();
      }
    const kept = this.#chunks;
    const next = this.#next;
    this.#next = this.first - rest.length;
    this.#chunks = [];
    for (const record of rest) this.push(record);
    this.#chunks.at(-1)?.seal();
    this.#chunks.push(...kept);
    this.#next = next;
    this.#recent = 0;
  }

  /** Lets the oldest chunk go. */
  dropOldest(): void {
    this.#recent = 0;
    this.bytes -= this.#chunks.shift()?.used ?? 0;
  }

  /** Lets the newest chunk go; its numbers will be used again. */
  dropNewest(): void {
    const chunk = this.#chunks.pop();
    if (!chunk) return;
    this.#recent = 0;
    this.bytes -= chunk.used;
    this.#next = chunk.first;
  }

  /** The entry of that number, which must be kept. */
  get(number: number): Entry {
    const chunk = this.#chunkOf(number);
    const at = number - chunk.first;
    const code = chunk.kinds[at] as number;
    const kind = code & ~LIVE;
    return {
      kind,
      live: (code & LIVE) !== 0,
      offset: chunk.offsets[at] as number,
      end: chunk.ends[at] as number,
      time: chunk.times[at] as number,
      bytes: chunk.bytes.subarray(chunk.starts[at], chunk.starts[at + 1]),
      author: kind === GAP ? "" : (this.#authors[chunk.authors[at] as number] as string),
      note: chunk.notes.get(at),
      why: WHYS[kind === GAP ? (chunk.authors[at] as number) : 0] ?? "dropped",
    };
  }

  /** The number of the entry that holds the offset; the first or `next` beyond the ends. */
  find(offset: number): number {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunks[middle] as Chunk).head <= offset) low = middle + 1;
      else high = middle;
    }
    const chunk = chunks[low];
    if (!chunk) return this.#next;
    let from = 0;
    let to = chunk.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((chunk.ends[middle] as number) <= offset) from = middle + 1;
      else to = middle;
    }
    return chunk.first + from;
  }

  /** The Notes among the entries from one number up to another, with their numbers. */
  *notes(from: number, to: number): Generator<[number: number, note: Note]> {
    for (const { first, count, notes } of this.#chunks) {
      if (first + count <= from || first >= to) continue;
      for (const [at, note] of notes)
        if (first + at >= from && first + at < to) yield [first + at, note];
    }
  }

  clear(): void {
    this.#chunks = [];
    this.bytes = 0;
    this.#recent = 0;
  }

  #chunkOf(number: number): Chunk {
    const chunks = this.#chunks;
    const recent = chunks[this.#recent];
    if (recent && number >= recent.first && number < recent.first + recent.count) return recent;
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((chunks[middle] as Chunk).first <= number) low = middle;
      else high = middle - 1;
    }
    const chunk = chunks[low];
    if (!chunk || number < chunk.first || number >= chunk.first + chunk.count)
      throw new RangeError(`entry ${number} is not kept (${this.first} to ${this.#next} are)`);
    this.#recent = low;
    return chunk;
  }

  #code(author = ""): number {
    const known = this.#authorCodes.get(author);
    if (known !== undefined) return known;
    // Names beyond what the index can number share the last one: 65 thousand names are an attack.
    if (this.#authors.length >= 0xffff) return 0;
    const code = this.#authors.push(author) - 1;
    this.#authorCodes.set(author, code);
    return code;
  }
}

/** The part of an entry that is told in words. */
export type Said = Pick<Entry, "kind" | "note" | "offset" | "end"> & { why?: Why | undefined };

/** What a Note says, or a gap, for people; nothing for bytes. */
export function sentenceOf({ kind, note, offset, end, why }: Said): string {
  if (note?.what === "said") return `${note.by ?? "somebody"}: ${note.text}`;
  if (kind === NOTE) return note?.text || note?.what || "";
  if (kind !== GAP) return "";
  if (end <= offset) return "The server began a new journal.";
  const size = amount(end - offset);
  if (why === "withheld") return `${size} were left out of the recording.`;
  if (why === "crash")
    return `The server ended without warning: what it had not stored is lost, at most ${size}.`;
  return `${size} are not kept any more.`;
}
