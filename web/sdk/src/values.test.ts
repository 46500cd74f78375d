// Values of a port: flat and one by one, over lost connections, under hostile names.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, connect } from "./client.ts";
import type { Readings, Series } from "./readings.ts";
import type { SerialRecord } from "./record.ts";
import { chance, FakeServer, frame, join, settle } from "./testing/server.ts";
import { FakeValues, readingFrame, seriesFrame } from "./testing/values.ts";
import type { Reading, ValuesSink } from "./values.ts";

let server: FakeServer;
let values: FakeValues;
let client: Client;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  server.journal("a");
  values = new FakeValues(server);
  client = connect({ url: "http://model/", WebSocket: server.WebSocket });
  await settle();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

/** A sink that keeps everything, by name. */
class Kept implements ValuesSink {
  readonly names: string[] = [];
  readonly told: Series[] = [];
  readonly all: { offset: number; end: number; time: number; values: [string, number][] }[] = [];
  readonly gaps: SerialRecord[] = [];
  readonly resumed: boolean[] = [];

  series(series: Series): void {
    this.names[series.number] = series.name;
    this.told.push(series);
  }

  readings({ length, offset, end, time, first, series, value }: Readings): void {
    for (let at = 0; at < length; at++) {
      const [from, to] = [first[at] as number, first[at + 1] as number];
      const numbers = [...series.subarray(from, to)];
      this.all.push({
        offset: offset[at] as number,
        end: end[at] as number,
        time: time[at] as number,
        values: numbers.map((number, of) => [
          this.names[number] ?? "?",
          value[from + of] as number,
        ]),
      });
    }
  }

  gap(gap: SerialRecord): void {
    this.gaps.push(gap);
  }

  begin({ resumed }: { resumed: boolean }): void {
    this.resumed.push(resumed);
  }
}

async function comeBack(): Promise<void> {
  await vi.advanceTimersByTimeAsync(6_000);
  await settle();
  expect(client.status).toBe("online");
}

/** Subscribes, and then says things on the channel itself. */
async function say(sink: ValuesSink, ...frames: Uint8Array[]): Promise<void> {
  client.port("a").subscribeValues({ from: 0 }, sink);
  await settle();
  server.peer.sayBytes(join(frames));
  await settle();
}

describe("a subscription to values", () => {
  it("asks with its parser, and gives series before the readings that have them", async () => {
    const sink = new Kept();
    client.port("a").subscribeValues({ from: 0, parser: { type: "json" } }, sink);
    values.line(10, { temp: 1, hum: 2 });
    values.line(10, { hum: 3, wind: Number.NaN });
    await settle();
    values.pump();
    await settle();
    expect(server.peer.messages("subscribe")).toMatchObject([{ values: { type: "json" } }]);
    expect(sink.told).toEqual([
      { number: 0, name: "temp", unit: "unit of temp" },
      { number: 1, name: "hum", unit: "unit of hum" },
      { number: 2, name: "wind", unit: "unit of wind" },
    ]);
    expect(sink.all).toEqual(values.all);
  });

  it("loses nothing and doubles nothing, wherever the connection is cut", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const pick = chance(seed);
      const sink = new Kept();
      values.all.length = 0;
      const subscription = client.port("a").subscribeValues({ from: "oldest", credit: 300 }, sink);
      for (let round = 0; round < 12; round++) {
        for (let lines = pick(6); lines > 0; lines--) {
          const readings = Array.from({ length: 1 + pick(4) }, () => ({
            [`s${pick(5)}`]: pick(1000),
            [`t${pick(3)}`]: pick(1000),
          }));
          values.line(1 + pick(50), ...readings);
        }
        values.pump();
        for (let turns = pick(12); turns > 0; turns--) await Promise.resolve();
        if (pick(2) > 0) server.peer.cut();
        await comeBack();
      }
      expect(sink.all).toEqual(values.all);
      expect(new Set(sink.names).size).toBe(sink.names.length);
      expect(sink.resumed.slice(1)).not.toContain(false);
      subscription.close();
    }
  });

  it("asks for no more than is taken", async () => {
    for (let line = 0; line < 100; line++) values.line(20, { x: line });
    let taken = 0;
    let done = () => {};
    const readings = ({ length }: Readings) => {
      taken += length;
      return new Promise<void>((resolve) => {
        done = resolve;
      });
    };
    client.port("a").subscribeValues({ from: 0, credit: 100 }, { readings });
    await settle();
    expect(taken).toBeLessThan(5);
    const before = taken;
    done();
    await settle();
    expect(taken).toBeGreaterThanOrEqual(before);
    expect(taken).toBeLessThan(10);
  });

  it("begins anew in a new journal, and says so with a gap of nothing", async () => {
    const sink = new Kept();
    values.line(10, { x: 1 });
    client.port("a").subscribeValues({ from: 0 }, sink);
    await settle();
    server.peer.cut();
    values.journal = 8;
    values.all.length = 0;
    values.line(5, { x: 2 });
    await comeBack();
    expect(sink.resumed).toEqual([false, false]);
    expect(sink.gaps).toMatchObject([{ offset: 0, end: 0 }]);
    expect(sink.all.map(({ values }) => values)).toEqual([[["x", 1]], [["x", 2]]]);
    expect(sink.told.length).toBe(1);
  });

  it("tells a unit that comes later, under the same number", async () => {
    const sink = new Kept();
    const series = { series: 9, name: "x" };
    await say(
      sink,
      seriesFrame(1, series),
      seriesFrame(1, { ...series, unit: "V" }),
      seriesFrame(1, series),
    );
    expect(sink.told).toEqual([
      { number: 0, name: "x", unit: "" },
      { number: 0, name: "x", unit: "V" },
    ]);
  });

  it("tells a gap once, less what was had", async () => {
    const sink = new Kept();
    const until = new Uint8Array(8);
    until[0] = 50;
    const gap = frame(4, 1, 10, until, { flags: 4 });
    const reading = readingFrame(1, { offset: 12, end: 20, time: 1 }, [[9, 1]]);
    await say(sink, seriesFrame(1, { series: 9, name: "x" }), reading, gap, gap);
    expect(sink.gaps).toMatchObject([{ offset: 20, end: 50, why: "crash" }]);
  });

  it.each([
    [
      "a value of a series that nobody named",
      readingFrame(1, { offset: 0, end: 1, time: 0 }, [[1, 1]]),
    ],
    ["a Series without a name", seriesFrame(1, { series: 1 })],
    ["a Series with a number that is none", seriesFrame(1, { series: 65536, name: "x" })],
    ["a Series that is no JSON", frame(5, 1, 0, new TextEncoder().encode("{"))],
    ["a Reading with half a value", frame(6, 1, 0, new Uint8Array(9))],
  ])("trusts no server with %s", async (_, bytes) => {
    const errors: string[] = [];
    client.on("status", () => client.error && errors.push(client.error.code));
    await say(new Kept(), bytes);
    expect(errors).toEqual(["protocol"]);
  });

  it("never throws, whatever a message is cut or bent to", async () => {
    const pick = chance(9);
    const sink = new Kept();
    client.port("a").subscribeValues({ from: 0 }, sink);
    const good = join([
      seriesFrame(1, { series: 1, name: "x" }),
      ...Array.from({ length: 5 }, (_, at) =>
        readingFrame(1, { offset: 10 * at, end: 10 * at + 5, time: at }, [[1, at]]),
      ),
    ]);
    for (let round = 0; round < 200; round++) {
      await settle();
      const bytes = join([good.subarray(0, pick(good.length + 1))]);
      for (let hits = pick(3); hits > 0 && bytes.length > 0; hits--)
        bytes[pick(bytes.length)] = pick(256);
      server.peer.sayBytes(bytes);
      await settle();
      if (client.status !== "online") await comeBack();
    }
  });
});

describe("values", () => {
  async function first(count: number, options = {}): Promise<Reading[]> {
    const readings: Reading[] = [];
    for await (const reading of client.port("a").values({ from: "oldest", ...options })) {
      readings.push(reading);
      if (readings.length === count) break;
    }
    return readings;
  }

  it("come reading by reading, with time, place and units", async () => {
    values.line(12, { temp: 21.5 });
    values.line(8, { temp: Number.NaN, hum: 40 });
    const [one, two] = await first(2);
    expect(one).toMatchObject({ time: 1_000, offset: 0, end: 12 });
    expect({ ...one?.values }).toEqual({ temp: 21.5 });
    expect({ ...two?.values }).toEqual({ temp: Number.NaN, hum: 40 });
    expect({ ...two?.units }).toEqual({ temp: "unit of temp", hum: "unit of hum" });
  });

  it("have any name, and do no harm by it", async () => {
    const line = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3, "": 4}');
    values.line(5, line);
    const [reading] = await first(1);
    expect(Object.entries(reading?.values ?? {})).toEqual(Object.entries(line));
    expect(Object.keys(reading?.units ?? {})).toContain("__proto__");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("stay with the server until they are taken", async () => {
    values.batch = 100;
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`s${n}`, 0]));
    for (let line = 0; line < 4_000; line++) values.line(20, { ...many, x: line });
    const readings = client.port("a").values({ from: 0 })[Symbol.asyncIterator]();
    await readings.next();
    await settle();
    const sent = server.peer.messages("credit").length;
    expect(sent).toBeLessThan(2);
    for (let line = 1; line < 4_000; line++) {
      expect((await readings.next()).value?.values.x).toBe(line);
    }
    await readings.return?.();
  });

  it("of a port that is not there are an error", async () => {
    server.answers.delete("subscribe");
    const readings = client.port("b").values()[Symbol.asyncIterator]();
    await expect(readings.next()).rejects.toMatchObject({ code: "unknown-port" });
  });
});
