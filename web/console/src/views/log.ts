// PortLog: the page's own window on a port's journal, which every view of that port draws from.
import { type Port, SerialdError, type SerialRecord, type Subscription } from "seriald";
import { Entries, type Entry, GAP, NOTE, RX, TX } from "./entries.ts";
import type { Extent } from "./view.ts";

/** The part of the SDK's `Port` that a log stands on. */
export type Source = Pick<Port, "subscribe" | "read" | "state">;

/** Bytes of payload that a page keeps of one port. */
export const MOST_BYTES = 64 * 1024 * 1024;
/** Bytes of history that a first visit asks for. */
export const START_WINDOW = 1024 * 1024;
/** Bytes of the past that are fetched at once. */
export const BLOCK = 512 * 1024;
/** Fetching begins while so many bytes are left before the end of what is here. */
export const AHEAD = 256 * 1024;
const CREDIT = 1024 * 1024;
// Where little is kept of many offsets, more of them are asked for.
const MOST_OFFSETS = 16 * BLOCK;

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
  /** Counts new beginnings: what was remembered of an earlier one means nothing any more. */
  generation = 0;
  /** The offset that views begin at; "clear" moves it. */
  start = 0;
  /** The time that others are told against: of the first record there was. */
  startTime = 0;
  /** Why nothing comes; null while all is well. */
  error: string | null = null;
  /** The newest byte here is the newest there is, and what comes is taken in. */
  isLive = true;

  #source: Source;
  #subscription: Subscription | null = null;
  #answers = false;
  // The subscription is one that only attends.
  #attends = false;
  #head: number | null = null;
  // The journal that the head is an offset of.
  #journal: number | undefined;
  #told = { oldest: 0, head: 0 };
  // What is in sight; null at the end.
  #place: Extent | null = null;
  #reading: AbortController | null = null;
  #offsets = BLOCK;
  #arrival = new Set<Listener>();
  #frame = new Set<Listener>();
  #cut = new Set<Listener>();
  #scheduled = false;

  constructor(source: Source, mostBytes = MOST_BYTES) {
    this.#source = source;
    this.entries = new Entries(mostBytes);
  }

  /** The offset behind the last byte that is here. */
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

  /** The number of the journal that the offsets are of. */
  get journal(): number | undefined {
    const current = this.#attends ? undefined : this.#subscription?.journal;
    return current ?? this.#journal ?? this.#source.state?.journal.id;
  }

  /** The oldest offset that the server has. */
  get serverOldest(): number {
    return Math.max(this.#told.oldest, this.#state?.oldest ?? 0);
  }

  /** The offset that the next byte will get on the server. */
  get serverHead(): number {
    return Math.max(this.#told.head, this.head, this.#state?.head ?? 0);
  }

  /** Whether the server has bytes before the first that is kept here. */
  get hasEarlier(): boolean {
    return this.#head !== null && this.start <= this.oldest && this.serverOldest < this.oldest;
  }

  /** How far apart what is in sight may lie, as the rows of a filter do: what is between must fit. */
  get widest(): number {
    return this.entries.mostBytes / 2;
  }

  /** Calls the listener in the task that brings records, before anything is drawn. */
  onarrival(listener: Listener): () => void {
    return listening(this.#arrival, listener);
  }

  /** Calls the listener at most once per animation frame after something has changed. */
  onframe(listener: Listener): () => void {
    return listening(this.#frame, listener);
  }

  /** Calls the listener when entries went at either end, before their numbers are used again. */
  oncut(listener: Listener): () => void {
    return listening(this.#cut, listener);
  }

  /** Begins, or goes on where it stopped. `answers`: this page has a terminal that could answer the device. */
  connect(answers: boolean): void {
    this.disconnect();
    this.#answers = answers;
    if (this.isLive) this.#follow();
    else this.#attend();
  }

  /** Stops the coming of records; what is kept stays, and `connect` goes on behind it. */
  disconnect(): void {
    if (!this.#attends) this.#journal = this.#subscription?.journal ?? this.#journal;
    this.#subscription?.close();
    this.#subscription = null;
    this.#attends = false;
  }

  /** What is in sight, so that what lies before and behind it is here in time; null at the end. */
  look(place: Extent | null): void {
    this.#place = place;
    this.#reach();
  }

  /** Moves to where an offset is, if that is not here. Answers whether it is now. */
  async goTo(offset: number): Promise<boolean> {
    if (offset < this.start) this.start = 0;
    this.#place = { from: offset, to: offset };
    if (this.#head !== null && offset >= this.oldest && offset <= this.head) return true;
    const from = Math.max(this.serverOldest, offset - BLOCK / 2);
    const to = Math.min(this.serverHead, offset + BLOCK / 2);
    const records = await this.#read(from, to);
    if (!records) return false;
    this.#restart();
    this.#place = { from: offset, to: offset };
    this.#head = from;
    this.isLive = false;
    this.#append(records);
    this.connect(this.#answers);
    this.#reach();
    this.#changed();
    return true;
  }

  /** Moves to the newest, and stays there. */
  toEnd(): void {
    this.#place = null;
    if (this.isLive) return;
    this.#stopReading();
    if (this.serverHead - this.head > BLOCK) this.#restart();
    this.#join();
    this.#changed();
  }

  /** Hides all that came so far; nothing is lost on the server. */
  clear(): void {
    this.toEnd();
    this.start = this.#head ?? this.serverHead;
    this.startTime = 0;
    this.#changed();
  }

  /** Lets a part go, on the side that is farther from what is in sight. */
  shrink(): void {
    const { oldest, head } = this.entries;
    const place = this.#place;
    if (place !== null && place.from - oldest < head - place.to) return this.#dropNewest();
    this.entries.dropOldest();
    for (const listener of this.#cut) listener();
  }

  /** Takes records in, behind those that are here. */
  take(batch: readonly SerialRecord[]): void {
    this.#append(batch);
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

  // What the server tells all the time, as far as it is about the journal that is here.
  get #state(): { oldest: number; head: number } | undefined {
    const journal = this.#source.state?.journal;
    return journal && (this.journal === journal.id || this.#head === null) ? journal : undefined;
  }

  // From where this page is up to all that comes.
  #follow(): void {
    const place =
      this.#head === null ? { from: -START_WINDOW } : { from: this.#head, journal: this.#journal };
    this.#subscription = this.#source.subscribe(
      { ...place, credit: CREDIT, answers: this.#answers },
      {
        begin: (beginning) => {
          this.error = null;
          this.#told = beginning;
          this.#head ??= beginning.from;
          this.#changed();
        },
        // Taking in is a copy: credit goes back at once, and what draws reads from here at its own pace.
        records: (batch) => this.take(batch),
        error: (error) => this.#tell(error),
      },
    );
  }

  // A page that looks at the past is still one that watches; without credit nothing comes.
  #attend(): void {
    this.#attends = true;
    this.#subscription = this.#source.subscribe(
      { from: "now", credit: 0 },
      {
        begin: (beginning) => {
          this.#told = beginning;
        },
        records: () => undefined,
        error: (error) => this.#fail(error),
      },
    );
  }

  #join(): void {
    this.isLive = true;
    this.connect(this.#answers);
  }

  // Fetches what is near to what is in sight and not here.
  #reach(): void {
    const place = this.#place;
    if (place === null || this.#reading) return;
    if (place.to - place.from > this.widest) return;
    if (place.from - this.oldest < AHEAD && this.hasEarlier) void this.#readEarlier();
    else if (!this.isLive && this.head - place.to < AHEAD) void this.#readLater();
  }

  async #readEarlier(): Promise<void> {
    const { oldest, generation } = this;
    const from = Math.max(this.serverOldest, oldest - this.#offsets);
    const records = await this.#read(from, oldest);
    if (!records || generation !== this.generation || oldest !== this.oldest) return;
    const isSparse = records.length < 2;
    this.#offsets = isSparse ? Math.min(this.#offsets * 4, MOST_OFFSETS) : BLOCK;
    this.entries.prepend(records);
    while (this.entries.isOverfull) this.shrink();
    this.#changed();
    this.#reach();
  }

  async #readLater(): Promise<void> {
    const { head, generation } = this;
    // The rest comes with what is new.
    if (this.serverHead - head <= BLOCK) return this.#join();
    const records = await this.#read(head, head + BLOCK);
    if (!records || generation !== this.generation || head !== this.head) return;
    this.take(records);
    this.#reach();
  }

  // All records between two offsets; null where there was an error, or something else is wanted now.
  async #read(from: number, to: number): Promise<SerialRecord[] | null> {
    this.#stopReading();
    const reading = new AbortController();
    this.#reading = reading;
    const records: SerialRecord[] = [];
    const { signal } = reading;
    const journal = this.#head === null ? undefined : this.journal;
    try {
      for await (const batch of this.#source.read({ from, to, journal, signal }))
        for (const record of batch) records.push(record);
      this.error = null;
    } catch (error) {
      if (signal.aborted) return null;
      this.#reading = null;
      this.#fail(error);
      return null;
    }
    if (signal.aborted) return null;
    this.#reading = null;
    return records;
  }

  #stopReading(): void {
    this.#reading?.abort();
    this.#reading = null;
  }

  // The port has another journal: going on behind what is here, as after any lost connection, leads to it.
  #fail(error: unknown): void {
    this.#tell(error);
    if (error instanceof SerialdError && error.code === "out-of-range" && !this.isLive)
      this.#join();
  }

  #tell(error: unknown): void {
    this.error = error instanceof Error ? error.message : String(error);
    this.#changed();
  }

  #append(batch: readonly SerialRecord[]): void {
    for (const record of batch) {
      this.#push(record);
      const { next } = this.entries;
      while (this.entries.isOverfull) this.shrink();
      // What follows would stand behind a hole.
      if (this.entries.next < next) break;
    }
    for (const listener of this.#arrival) listener();
  }

  #push(record: SerialRecord): void {
    const newJournal = record.kind === "gap" && record.offset === record.end;
    if (newJournal) this.#beginJournal();
    const head = this.#head ?? record.offset;
    if (record.end <= head && !newJournal) return;
    // A Note is never cut, also where the window begins within it.
    const isWhole = record.kind === "note" && this.entries.next === this.entries.first;
    const hidden = isWhole ? 0 : Math.max(0, head - record.offset);
    const bytes = hidden > 0 ? record.bytes.subarray(hidden) : record.bytes;
    if (this.startTime === 0 && record.time > 0) this.startTime = record.time;
    this.entries.push(record, record.offset + hidden, bytes);
    this.#head = record.end;
  }

  #dropNewest(): void {
    this.entries.dropNewest();
    this.#head = this.entries.head;
    for (const listener of this.#cut) listener();
    if (!this.isLive) return;
    this.isLive = false;
    if (this.#subscription) this.connect(this.#answers);
  }

  #beginJournal(): void {
    this.#restart();
    this.#journal = undefined;
    this.#place = null;
    this.start = 0;
    this.startTime = 0;
  }

  #restart(): void {
    this.#stopReading();
    this.generation++;
    this.entries.clear();
    this.#head = null;
    this.#offsets = BLOCK;
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

function listening(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export { GAP, NOTE, RX, TX };
