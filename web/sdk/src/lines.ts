// Lines: what a device sends, as text, line by line.
import { batches } from "./batches.ts";
import type { Place } from "./place.ts";
import type { Port } from "./port.ts";
import type { SerialRecord } from "./record.ts";
import type { Offset } from "./talk.ts";

/** A line without its end. */
export interface Line {
  text: string;
  /** When its first byte came, in microseconds since the epoch. */
  time: number;
  offset: Offset;
}

export interface LinesOptions {
  /** Where to begin, `"now"` unless told. */
  from?: Place | undefined;
  signal?: AbortSignal | undefined;
}

/** A line longer than this comes in pieces. */
const LONGEST = 64 * 1024;
const LF = 10;
const CR = 13;

/** Cuts bytes into lines. Bytes that are not UTF-8 become U+FFFD. */
export class LineCutter {
  readonly #text = new TextDecoder();
  #bytes = new Uint8Array(256);
  #length = 0;
  #offset = 0;
  #time = 0;

  /** The lines that end with this record. A gap ends a line. */
  cut(record: SerialRecord): Line[] {
    if (record.kind === "gap") return this.#length > 0 ? [this.#line()] : [];
    if (record.kind !== "rx") return [];
    const lines: Line[] = [];
    const { bytes } = record;
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(LF, at);
      const stop = Math.min(end < 0 ? bytes.length : end, at + LONGEST - this.#length);
      if (this.#length === 0) {
        this.#offset = record.offset + at;
        this.#time = record.time;
      }
      this.#keep(bytes.subarray(at, stop));
      at = stop;
      if (stop === end) at += 1;
      if (stop === end || this.#length >= LONGEST) lines.push(this.#line());
    }
    return lines;
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  #line(): Line {
    const cr = this.#length > 0 && this.#bytes[this.#length - 1] === CR ? 1 : 0;
    const text = this.#text.decode(this.#bytes.subarray(0, this.#length - cr));
    this.#length = 0;
    return { text, time: this.#time, offset: this.#offset };
  }
}

/** Lines as they come, as fast as they are taken: what is not taken stays with the server. */
export async function* lines(port: Port, options: LinesOptions): AsyncGenerator<Line, void, void> {
  const { from = "now", signal } = options;
  const cutter = new LineCutter();
  for await (const batch of batches(port, { from }, signal)) {
    for (const record of batch) {
      for (const line of cutter.cut(record)) {
        yield line;
        if (signal?.aborted) return;
      }
    }
  }
}
