// Entries: a journal's records kept as bytes in chunks with typed indexes, oldest chunks dropped when there are too many.
import type { Note, SerialRecord } from "seriald";
import { amount } from "../model/format.ts";

/** What an entry is: the journal's record kinds, by their number on the wire. */
export const RX = 1;
export const TX = 2;
export const NOTE = 3;
export const GAP = 4;

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

  /** `first` numbers the chunk's first entry; entries are numbered without end. */
  constructor(readonly first: number) {}

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

/** A bounded queue of entries, found by number or by offset. */
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

  /** Takes a record in, and answers how many payload bytes had to go for it. */
  push(record: SerialRecord, offset: number, bytes: Uint8Array): number {
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
    chunk.authors[at] = this.#authorCode(record.author ?? "");
    chunk.offsets[at] = offset;
    chunk.ends[at] = record.end;
    chunk.times[at] = record.time;
    chunk.put(payload);
    chunk.starts[at + 1] = chunk.used;
    if (record.note) chunk.notes.set(at, record.note);
    this.bytes += payload.length;
    return this.#trim();
  }

  /** The entry of that number, which must be kept. */
  get(number: number): Entry {
    const chunk = this.#chunkOf(number);
    const at = number - chunk.first;
    const kind = chunk.kinds[at] as number;
    return {
      kind: kind & ~LIVE,
      live: (kind & LIVE) !== 0,
      offset: chunk.offsets[at] as number,
      end: chunk.ends[at] as number,
      time: chunk.times[at] as number,
      bytes: chunk.bytes.subarray(chunk.starts[at], chunk.starts[at + 1]),
      author: this.#authors[chunk.authors[at] as number] as string,
      note: chunk.notes.get(at),
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

  clear(): void {
    this.#chunks = [];
    this.bytes = 0;
    this.#recent = 0;
  }

  #trim(): number {
    let dropped = 0;
    while (this.#chunks.length > 1) {
      const oldest = this.#chunks[0] as Chunk;
      if (this.bytes <= this.mostBytes && this.#next - oldest.first <= this.mostEntries) break;
      this.#chunks.shift();
      this.#recent = 0;
      this.bytes -= oldest.used;
      dropped += oldest.used;
    }
    return dropped;
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

  #authorCode(author: string): number {
    const known = this.#authorCodes.get(author);
    if (known !== undefined) return known;
    // Names beyond what the index can number share the last one: 65 thousand names are an attack.
    if (this.#authors.length >= 0xffff) return 0;
    const code = this.#authors.push(author) - 1;
    this.#authorCodes.set(author, code);
    return code;
  }
}

/** What a Note says, or a gap, for people; nothing for bytes. */
export function sentenceOf({
  kind,
  note,
  offset,
  end,
}: Pick<Entry, "kind" | "note" | "offset" | "end">): string {
  if (kind === NOTE) return note?.text || note?.what || "";
  if (kind !== GAP) return "";
  if (end <= offset) return "The server began a new journal.";
  return `${amount(end - offset)} are not kept any more.`;
}
