// PortLog: the page's own bounded copy of a port's journal, which every view of that port draws from.
import type { Port, SerialRecord, Subscription } from "seriald";
import { Entries, type Entry, GAP, NOTE, RX, TX } from "./entries.ts";

/** The part of the SDK's `Port` that a log stands on. */
export type Source = Pick<Port, "subscribe">;

/** Bytes of payload that a page keeps of one port. */
export const MOST_BYTES = 64 * 1024 * 1024;
/** Bytes of history that a first visit asks for. */
export const START_WINDOW = 1024 * 1024;
const CREDIT = 1024 * 1024;

type Listener = () => void;

/** A stretch of device bytes, all of one kind and one moment. */
export interface Run {
  kind: number;
  offset: number;
  time: number;
  bytes: Uint8Array;
}

export class PortLog {
  readonly entries: Entries;
  /** Bytes that this page let go to stay bounded. */
  dropped = 0;
  /** Counts new beginnings: what was remembered of an earlier one means nothing any more. */
  generation = 0;
  /** The offset that views begin at; "clear" moves it. */
  start = 0;
  /** The time of the first record since the start. */
  startTime = 0;
  /** The oldest offset the server had when this page asked. */
  serverOldest = 0;
  /** Why nothing comes; null while all is well. */
  error: string | null = null;

  #source: Source;
  #subscription: Subscription | null = null;
  #head: number | null = null;
  // The journal that the head is an offset of.
  #journal: number | undefined;
  #from: number | "oldest" = -START_WINDOW;
  #arrival = new Set<Listener>();
  #frame = new Set<Listener>();
  #scheduled = false;

  constructor(source: Source, mostBytes = MOST_BYTES) {
    this.#source = source;
    this.entries = new Entries(mostBytes);
  }

  /** The offset behind the last byte that came. */
  get head(): number {
    return this.#head ?? 0;
  }

  /** The offset of the oldest byte that is kept here. */
  get oldest(): number {
    return this.entries.next > this.entries.first ? this.entries.oldest : this.head;
  }

  /** The offset of the first byte that views show. */
  get firstShown(): number {
    return Math.max(this.oldest, this.start);
  }

  /** Whether the server had bytes before the first that is kept here. */
  get hasEarlier(): boolean {
    return this.#head !== null && this.start <= this.oldest && this.serverOldest < this.oldest;
  }

  /** Calls the listener in the task that brings records, before anything is drawn. */
  onarrival(listener: Listener): () => void {
    this.#arrival.add(listener);
    return () => this.#arrival.delete(listener);
  }

  /** Calls the listener at most once per animation frame after something has changed. */
  onframe(listener: Listener): () => void {
    this.#frame.add(listener);
    return () => this.#frame.delete(listener);
  }

  /** Begins, or goes on where it stopped. `answers`: this page has a terminal that could answer the device. */
  connect(answers: boolean): void {
    this.disconnect();
    const place =
      this.#head === null ? { from: this.#from } : { from: this.#head, journal: this.#journal };
    this.#subscription = this.#source.subscribe(
      { ...place, credit: CREDIT, answers },
      {
        begin: (beginning) => {
          this.error = null;
          this.serverOldest = beginning.oldest;
          this.#head ??= beginning.from;
          this.#changed();
        },
        // Taking in is a copy: credit goes back at once, and what draws reads from here at its own pace.
        records: (batch) => this.take(batch),
        error: (error) => {
          this.error = error.message;
          this.#changed();
        },
      },
    );
  }

  /** Stops the coming of records; what is kept stays, and `connect` goes on behind it. */
  disconnect(): void {
    this.#journal = this.#subscription?.journal ?? this.#journal;
    this.#subscription?.close();
    this.#subscription = null;
  }

  /** Asks the server for all that it has. */
  showEarlier(answers: boolean): void {
    this.#restart("oldest");
    this.connect(answers);
  }

  /** Hides all that came so far; nothing is lost on the server. */
  clear(): void {
    this.start = this.head;
    this.startTime = 0;
    this.#changed();
  }

  /** Takes records in. */
  take(batch: readonly SerialRecord[]): void {
    for (const record of batch) this.#push(record);
    for (const listener of this.#arrival) listener();
    this.#changed();
  }

  /** The entry of that number, which must be kept. */
  entry(number: number): Entry {
    return this.entries.get(number);
  }

  /** Device bytes from one offset up to another, in runs of one kind; Notes and gaps are left out. */
  *runs(from: number, to: number): Generator<Run> {
    for (let at = this.entries.find(from); at < this.entries.next; at++) {
      const { kind, offset, end, time, bytes } = this.entries.get(at);
      if (offset >= to) return;
      if (kind === NOTE || kind === GAP) continue;
      const skip = Math.max(0, from - offset);
      const length = Math.min(end, to) - offset;
      yield { kind, offset: offset + skip, time, bytes: bytes.subarray(skip, length) };
    }
  }

  /** A copy of the bytes of one kind between two offsets. */
  bytes(from: number, to: number, kind = RX): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const run of this.runs(from, to)) {
      if (run.kind !== kind) continue;
      parts.push(run.bytes);
      length += run.bytes.length;
    }
    if (parts.length === 1) return (parts[0] as Uint8Array).slice();
    const all = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #push(record: SerialRecord): void {
    const newJournal = record.kind === "gap" && record.offset === record.end;
    if (newJournal) this.#restart(record.end);
    const head = this.#head ?? record.offset;
    if (record.end <= head && !newJournal) return;
    const hidden = Math.max(0, head - record.offset);
    const bytes = hidden > 0 ? record.bytes.subarray(hidden) : record.bytes;
    if (this.startTime === 0 && record.time > 0) this.startTime = record.time;
    const offset = record.offset + hidden;
    this.dropped += this.entries.push(record, offset, bytes);
    this.#head = record.end;
  }

  #restart(from: number | "oldest"): void {
    this.generation++;
    this.entries.clear();
    this.#from = from;
    this.#head = null;
    this.#journal = undefined;
    this.start = 0;
    this.startTime = 0;
    this.dropped = 0;
  }

  #changed(): void {
    if (this.#scheduled || this.#frame.size === 0) return;
    this.#scheduled = true;
    const run = () => {
      this.#scheduled = false;
      for (const listener of this.#frame) listener();
    };
    // A hidden page gets no animation frames, and its indexes must not fall behind what is kept.
    if (typeof document === "undefined" || document.hidden) setTimeout(run, 100);
    else requestAnimationFrame(run);
  }
}

export { GAP, NOTE, RX, TX };
