// A port in memory for tests: records by kind, cut as the test likes, on one number line of offsets.
import type {
  PortState,
  ReadOptions,
  SerialRecord,
  Sink,
  SubscribeOptions,
  Subscription,
  Why,
} from "seriald";
import { PortLog, type Source } from "./log.ts";

const utf8 = new TextEncoder();

/** Bytes of a text, or the bytes themselves. */
export function bytesOf(data: string | number[] | Uint8Array): Uint8Array {
  return typeof data === "string" ? utf8.encode(data) : Uint8Array.from(data);
}

/** Pseudo-random numbers below `n`, the same for the same seed (mulberry32). */
export function seeded(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
  };
}

/** Cuts bytes into pieces of random lengths. */
export function cut(bytes: Uint8Array, random: (n: number) => number, most = 7): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random(most);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** Makes records one behind the other. */
export class Tape {
  head = 0;
  time = 1_000_000;
  live = true;

  record(kind: SerialRecord["kind"], bytes: Uint8Array, more: Partial<SerialRecord> = {}) {
    const offset = this.head;
    this.time += 1000;
    this.head = more.end ?? offset + bytes.length;
    return { kind, live: this.live, offset, end: this.head, time: this.time, bytes, ...more };
  }

  rx(data: string | number[] | Uint8Array): SerialRecord {
    return this.record("rx", bytesOf(data));
  }

  tx(data: string | number[] | Uint8Array, author = "anna"): SerialRecord {
    return this.record("tx", bytesOf(data), { author });
  }

  note(text: string, what = "mark"): SerialRecord {
    return this.record("note", new Uint8Array(0), { end: this.head + 40, note: { what, text } });
  }

  gap(length: number, why: Why = "dropped"): SerialRecord {
    return this.record("gap", new Uint8Array(0), { end: this.head + length, why });
  }
}

/** A port whose past can be read: it has all records of a tape from the beginning. */
export class Shelf implements Source {
  readonly records: SerialRecord[] = [];
  readonly id = 7;
  #sinks = new Set<Sink>();
  reads = 0;

  get head(): number {
    return this.records.at(-1)?.end ?? 0;
  }

  get state(): PortState {
    const journal = { id: this.id, oldest: 0, head: this.head, since: null };
    return { journal } as PortState;
  }

  /** Something comes. */
  add(...records: SerialRecord[]): void {
    this.records.push(...records);
    for (const sink of this.#sinks) sink.records(records);
  }

  subscribe({ from, credit }: SubscribeOptions, sink: Sink): Subscription {
    const { head } = this;
    const place = typeof from === "number" ? from : head;
    const begin = place < 0 ? Math.max(0, head + place) : place;
    sink.begin?.({ from: begin, oldest: 0, head, resumed: false });
    if (credit !== 0) {
      sink.records(this.#between(begin, head));
      this.#sinks.add(sink);
    }
    return { next: head, journal: this.id, close: () => this.#sinks.delete(sink) };
  }

  async *read({ from, to }: ReadOptions): AsyncGenerator<readonly SerialRecord[]> {
    this.reads++;
    await Promise.resolve();
    yield this.#between(from as number, to as number);
  }

  // A Note is whole; everything else is cut.
  #between(from: number, to: number): SerialRecord[] {
    return this.records
      .filter((record) => record.end > from && record.offset < to)
      .map((record) => {
        if (record.kind === "note") return record;
        const offset = Math.max(from, record.offset);
        const end = Math.min(to, record.end);
        const bytes = record.bytes.subarray(offset - record.offset, end - record.offset);
        return { ...record, offset, end, bytes };
      });
  }
}

/** A log whose source never sends: tests call `take`. */
export function logOf(records: SerialRecord[] = [], mostBytes?: number): PortLog {
  const silent: Source = {
    state: undefined,
    subscribe: () => ({ next: 0, close: () => undefined }),
    async *read() {},
  };
  const log = new PortLog(silent, mostBytes);
  if (records.length > 0) log.take(records);
  return log;
}
