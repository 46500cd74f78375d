// Places by time: found by the server, before each first beginning and never after it.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, connect } from "./client.ts";
import { microseconds } from "./place.ts";
import { FakeServer, type Journal, settle } from "./testing/server.ts";

const utf8 = new TextDecoder();
let server: FakeServer;
let journal: Journal;
let client: Client;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  journal = server.journal("a");
  // Their times are 1001, 1002 and 1003.
  for (const word of ["zero", "one", "two"]) journal.rx(word);
  client = connect({ url: "http://model/", WebSocket: server.WebSocket });
  await settle();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

const moments = () => server.peers.flatMap((peer) => peer.messages("moment")).length;

describe("a moment", () => {
  it("is a Date, or a time in microseconds", async () => {
    expect(microseconds(new Date("2026-11-22T10:00:00.001Z"))).toBe(1_795_341_600_001_000);
    expect(microseconds({ time: 1_001.9 })).toBe(1_001);
    expect(microseconds({ time: -5 })).toBe(0);
    const port = client.port("a");
    expect(await port.moment({ time: 1_002 })).toBe(4);
    expect(await port.moment(new Date())).toBe(10);
  });

  it("that is none is refused at once", async () => {
    const port = client.port("a");
    const from = new Date("yesterday");
    expect(() => port.subscribe({ from }, { records() {} })).toThrow(RangeError);
    await expect(port.moment(from)).rejects.toThrow("is no time");
    await expect(port.lines({ from })[Symbol.asyncIterator]().next()).rejects.toThrow(RangeError);
  });
});

describe("a reading between moments", () => {
  it("has what came from the one on, and before the other", async () => {
    const text: string[] = [];
    for await (const batch of client
      .port("a")
      .read({ from: { time: 1_002 }, to: { time: 1_003 } })) {
      text.push(...batch.map(({ bytes }) => utf8.decode(bytes)));
    }
    expect(text).toEqual(["one"]);
  });

  it("up to now ends at the head as it was", async () => {
    const reading = client.port("a").read({ from: "oldest", to: "now" })[Symbol.asyncIterator]();
    const first = reading.next();
    await settle();
    journal.rx("later");
    server.pump();
    expect((await first).value?.at(-1)?.end).toBe(journal.head - 5);
    expect((await reading.next()).done).toBe(true);
  });

  it("of a port that is not there is an error", async () => {
    server.answers.set("moment", (peer, { id }) => {
      peer.say({ type: "error", id, code: "unknown-port", message: "none" });
      return true;
    });
    const lines = client
      .port("b")
      .lines({ from: { time: 0 } })
      [Symbol.asyncIterator]();
    await expect(lines.next()).rejects.toMatchObject({ code: "unknown-port" });
  });
});

describe("a subscription from a moment", () => {
  it("looks for it again where the connection was lost before it began, and never afterwards", async () => {
    let deaf = true;
    server.answers.set("moment", () => deaf);
    const begins: number[] = [];
    const texts: string[] = [];
    client.port("a").subscribe(
      { from: { time: 1_002 } },
      {
        begin: ({ from }) => begins.push(from),
        records: (batch) => void texts.push(...batch.map(({ bytes }) => utf8.decode(bytes))),
      },
    );
    await settle();
    expect(moments()).toBe(1);
    deaf = false;
    server.peer.cut();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(moments()).toBe(2);
    expect(texts).toEqual(["one", "two"]);
    server.peer.cut();
    journal.rx("three");
    await vi.advanceTimersByTimeAsync(6_000);
    expect(moments()).toBe(2);
    expect(texts).toEqual(["one", "two", "three"]);
    expect(begins).toEqual([4, 10]);
  });
});
