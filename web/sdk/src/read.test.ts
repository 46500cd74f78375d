// Readings of the past: exactly what was asked for, over lost connections, at the reader's pace.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, connect } from "./client.ts";
import type { SerialRecord } from "./record.ts";
import { chance, FakeServer, frame, type Journal, settle } from "./testing/server.ts";

const utf8 = new TextDecoder();
let server: FakeServer;
let journal: Journal;
let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  journal = server.journal("a");
  client = connect({ url: "http://model/", WebSocket: server.WebSocket });
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

const text = (records: readonly SerialRecord[]) =>
  records.map(({ bytes }) => utf8.decode(bytes)).join("");

async function all(from: number, to: number): Promise<SerialRecord[]> {
  const records: SerialRecord[] = [];
  for await (const batch of client.port("a").read({ from, to })) records.push(...batch);
  return records;
}

describe("a reading", () => {
  it("has every byte between its ends, and none beyond them", async () => {
    for (const word of ["zero", "one", "two", "three"]) journal.rx(word);
    for (let from = 0; from <= 15; from++) {
      for (let to = from; to <= 15; to++) {
        expect(text(await all(from, to))).toBe("zeroonetwothree".slice(from, to));
      }
    }
    expect(server.peer.channels.size).toBe(0);
  });

  it("ends where it was asked to, whatever comes meanwhile", async () => {
    journal.rx("past");
    const reading = client.port("a").read({ from: 0, to: 4 })[Symbol.asyncIterator]();
    const first = reading.next();
    await settle();
    journal.rx("later");
    server.pump();
    expect(text((await first).value)).toBe("past");
    expect((await reading.next()).done).toBe(true);
    expect(server.peer.messages("unsubscribe")).toEqual([]);
  });

  it("cuts off what a server sends beyond its end", async () => {
    journal.rx("abcdef");
    server.answers.set("subscribe", (peer, { id }) => {
      peer.say({ type: "subscribed", id, channel: 1, journal: 1, from: 0, oldest: 0, head: 6 });
      peer.sayBytes(frame(1, 1, 0, new TextEncoder().encode("abcdef")));
      peer.say({ type: "ended", channel: 1 });
      return true;
    });
    expect(await all(0, 4)).toMatchObject([{ offset: 0, end: 4 }]);
  });

  it("goes on behind what it had after a lost connection, whenever that was lost", async () => {
    let whole = "";
    for (let i = 0; i < 200; i++) {
      whole += `${i};`;
      journal.rx(`${i};`);
    }
    const pick = chance(5);
    for (let round = 0; round < 20; round++) {
      let cuts = 3;
      const records: SerialRecord[] = [];
      for await (const batch of client.port("a").read({ from: 0, to: journal.head })) {
        records.push(...batch);
        if (cuts > 0 && pick(20) === 0) {
          cuts--;
          server.peer.cut();
          await vi.advanceTimersByTimeAsync(6_000);
        }
      }
      expect(text(records)).toBe(whole);
    }
  });

  it("holds the server back while it is not asked for more", async () => {
    for (let i = 0; i < 100; i++) journal.rx("x".repeat(65_000));
    const reading = client.port("a").read({ from: 0, to: journal.head })[Symbol.asyncIterator]();
    await reading.next();
    await settle();
    expect([...server.peer.channels.values()][0]?.next).toBeLessThan(2 << 20);
    await reading.return?.();
  });

  it("of another journal, or beyond the head, fails and names what there is", async () => {
    journal.rx("abc");
    const port = client.port("a");
    for (const wrong of [
      { from: 0, to: 9 },
      { from: 0, to: 3, journal: 1 },
    ]) {
      const reading = port.read(wrong)[Symbol.asyncIterator]();
      await expect(reading.next()).rejects.toMatchObject({
        code: "out-of-range",
        detail: { oldest: 0, head: 3 },
      });
    }
  });

  it("that is stopped fails, so that nobody takes a part for the whole", async () => {
    for (let i = 0; i < 9; i++) journal.rx("x");
    const stop = new AbortController();
    const { signal } = stop;
    const reading = client.port("a").read({ from: 0, to: 9, signal })[Symbol.asyncIterator]();
    await reading.next();
    stop.abort();
    await expect(reading.next()).rejects.toThrow("aborted");
    await settle();
    expect(server.peer.channels.size).toBe(0);
  });

  it("begins with a gap where its beginning is no longer kept", async () => {
    for (const word of ["old", "new"]) journal.rx(word);
    journal.trim(3);
    expect(await all(1, 6)).toMatchObject([
      { kind: "gap", offset: 1, end: 3, why: "dropped" },
      { kind: "rx", offset: 3, end: 6 },
    ]);
  });
});

describe("a gap", () => {
  it.each([
    [0, "dropped"],
    [2, "withheld"],
    [4, "crash"],
  ])("with the flags %d says %s", async (flags, why) => {
    const end = Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0);
    server.answers.set("subscribe", (peer, { id }) => {
      peer.say({ type: "subscribed", id, channel: 1, journal: 1, from: 0, oldest: 0, head: 9 });
      peer.sayBytes(frame(4, 1, 0, end, { flags }));
      peer.say({ type: "ended", channel: 1 });
      return true;
    });
    expect(await all(0, 9)).toMatchObject([{ kind: "gap", offset: 0, end: 9, why }]);
  });
});

describe("a mark", () => {
  it("is pinned to now or to an earlier offset, and resolves with its own", async () => {
    journal.rx("abc");
    const port = client.port("a");
    expect(await port.mark("here")).toBe(3);
    await port.mark("there", { at: 1 });
    expect(server.peer.messages("mark")).toMatchObject([
      { port: "a", text: "here" },
      { port: "a", text: "there", at: 1 },
    ]);
    expect(server.peer.messages("mark")[0]).not.toHaveProperty("at");
  });
});
