// A model of a port's values for tests: lines with readings, sent to each subscription under numbers of its own.
import { type FakeServer, frame, join, type Peer } from "./server.ts";

const utf8 = new TextEncoder();

/** One reading of a line, by the names of its series. */
export interface FakeReading {
  offset: number;
  end: number;
  time: number;
  values: [name: string, value: number][];
}

export function seriesFrame(channel: number, series: object, offset = 0): Uint8Array {
  return frame(5, channel, offset, utf8.encode(JSON.stringify(series)));
}

export function readingFrame(
  channel: number,
  { offset, end, time }: Omit<FakeReading, "values">,
  values: readonly [series: number, value: number][],
  live = true,
): Uint8Array {
  const payload = new Uint8Array(4 + 10 * values.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, end - offset, true);
  for (const [at, [series, value]] of values.entries()) {
    view.setUint16(4 + 10 * at, series, true);
    view.setFloat64(6 + 10 * at, value, true);
  }
  return frame(6, channel, offset, payload, { live, time });
}

interface Feed {
  peer: Peer;
  channel: number;
  /** Which reading is next. */
  next: number;
  credit: number;
  numbers: Map<string, number>;
}

/** Answers subscriptions with `values`, of any port, from a list of readings. */
export class FakeValues {
  readonly all: FakeReading[] = [];
  readonly #feeds: Feed[] = [];
  /** Readings in one binary message. */
  batch = 1;
  /** The number of the journal. */
  journal = 7;

  constructor(server: FakeServer) {
    server.answers.set("subscribe", (peer, { id, from, values, credit, journal }) => {
      if (values === undefined) return false;
      const head = this.all.at(-1)?.end ?? 0;
      if (journal !== undefined && journal !== this.journal) {
        peer.say({ type: "error", id, code: "out-of-range", message: "gone", oldest: 0, head });
        return true;
      }
      const at = from === "now" ? head : from === "oldest" ? 0 : (from as number);
      // Each subscription has other numbers.
      const channel = 1 + this.#feeds.length;
      const found = this.all.findIndex(({ offset }) => offset >= at);
      const next = found < 0 ? this.all.length : found;
      const limit = (credit as number | undefined) ?? Number.POSITIVE_INFINITY;
      this.#feeds.push({ peer, channel, next, credit: limit, numbers: new Map() });
      peer.say({
        type: "subscribed",
        id,
        channel,
        journal: this.journal,
        from: at,
        oldest: 0,
        head,
      });
      this.pump();
      return true;
    });
    server.answers.set("credit", (peer, { channel, bytes }) => {
      for (const feed of this.#feeds) {
        if (feed.peer === peer && feed.channel === channel) feed.credit += bytes as number;
      }
      this.pump();
      return true;
    });
  }

  /** A line that gave readings, one for each object. */
  line(length: number, ...readings: Record<string, number>[]): void {
    const offset = this.all.at(-1)?.end ?? 0;
    for (const values of readings) {
      const time = 1_000 + this.all.length;
      this.all.push({ offset, end: offset + length, time, values: Object.entries(values) });
    }
  }

  /** Sends what is due. */
  pump(): void {
    for (const feed of this.#feeds) {
      while (feed.peer.alive && feed.credit > 0 && feed.next < this.all.length) {
        const due = this.all.slice(feed.next, feed.next + this.batch);
        const message = join(due.map((reading) => this.#frames(feed, reading)));
        feed.next += due.length;
        feed.credit -= message.length;
        feed.peer.sayBytes(message);
      }
    }
  }

  #frames({ channel, numbers }: Feed, reading: FakeReading): Uint8Array {
    const frames: Uint8Array[] = [];
    for (const [name] of reading.values) {
      if (numbers.has(name)) continue;
      numbers.set(name, 100 * channel + numbers.size);
      frames.push(
        seriesFrame(channel, { series: numbers.get(name), name, unit: `unit of ${name}` }),
      );
    }
    const values = reading.values.map(
      ([name, value]) => [numbers.get(name) as number, value] as [number, number],
    );
    return join([...frames, readingFrame(channel, reading, values)]);
  }
}
