// Lines cut out of records, and taken at the reader's pace.
import { describe, expect, it } from "vitest";
import { connect } from "./client.ts";
import { type Line, LineCutter } from "./lines.ts";
import type { SerialRecord } from "./record.ts";
import { chance, FakeServer, settle } from "./testing/server.ts";

function rx(offset: number, bytes: Uint8Array, time = 0): SerialRecord {
  return { kind: "rx", live: true, offset, end: offset + bytes.length, time, bytes };
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const texts = (lines: Line[]) => lines.map(({ text }) => text);

describe("LineCutter", () => {
  it("gives the same lines wherever the bytes were cut", () => {
    const whole = utf8("one\r\ntwo ü€🔌\n\n\r\nlast \r middle\n\xff");
    const pick = chance(3);
    for (let round = 0; round < 200; round++) {
      const cutter = new LineCutter();
      const lines: Line[] = [];
      for (let at = 0; at < whole.length; ) {
        const end = Math.min(whole.length, at + pick(9));
        lines.push(...cutter.cut(rx(at, whole.subarray(at, end))));
        at = end;
      }
      expect(texts(lines)).toEqual(["one", "two ü€🔌", "", "", "last \r middle"]);
      expect(lines.map(({ offset }) => offset)).toEqual([0, 5, 19, 20, 22]);
    }
  });

  it("has the time and the offset of a line's first byte", () => {
    const cutter = new LineCutter();
    cutter.cut(rx(100, utf8("x\nab"), 1));
    cutter.cut({ ...rx(104, utf8("typed\n"), 2), kind: "tx", author: "anna" });
    expect(cutter.cut(rx(110, utf8("c\nd"), 3))).toEqual([{ text: "abc", time: 1, offset: 102 }]);
  });

  it("shows bytes that are no UTF-8 as U+FFFD", () => {
    const cutter = new LineCutter();
    expect(texts(cutter.cut(rx(0, Uint8Array.of(0xff, 0x41, 0xe2, 0x82, 10))))).toEqual(["�A�"]);
  });

  it("ends a line at a gap", () => {
    const cutter = new LineCutter();
    cutter.cut(rx(0, utf8("half")));
    expect(texts(cutter.cut({ ...rx(4, utf8("")), kind: "gap", end: 9 }))).toEqual(["half"]);
    expect(texts(cutter.cut(rx(9, utf8("new\n"))))).toEqual(["new"]);
  });

  it("cuts a line without an end into pieces of 64 KiB", () => {
    const cutter = new LineCutter();
    const bytes = new Uint8Array(150_000).fill(120);
    const lines = [...cutter.cut(rx(0, bytes)), ...cutter.cut(rx(150_000, utf8("\n")))];
    expect(lines.map(({ text, offset }) => [text.length, offset])).toEqual([
      [65536, 0],
      [65536, 65536],
      [18928, 131072],
    ]);
  });
});

describe("lines", () => {
  const open = (server: FakeServer) =>
    connect({ url: "http://model/", WebSocket: server.WebSocket });

  it("come one by one, from where they were asked", async () => {
    const server = new FakeServer();
    const journal = server.journal("a");
    journal.rx("old\n");
    const client = open(server);
    const lines = client.port("a").lines({ from: "oldest" })[Symbol.asyncIterator]();
    expect((await lines.next()).value?.text).toBe("old");
    journal.rx("ne");
    journal.rx("w\nand\n");
    server.pump();
    expect((await lines.next()).value).toEqual({ text: "new", time: 1_002, offset: 4 });
    expect((await lines.next()).value?.text).toBe("and");
    await lines.return?.();
    await settle();
    expect(server.peer.channels.size).toBe(0);
    client.close();
  });

  it("stay with the server until they are taken", async () => {
    const server = new FakeServer();
    const journal = server.journal("a");
    for (let i = 0; i < 100; i++) journal.rx(`${"x".repeat(65_000)}${i}\n`);
    const client = open(server);
    const lines = client.port("a").lines({ from: 0 })[Symbol.asyncIterator]();
    await lines.next();
    await settle();
    expect([...server.peer.channels.values()][0]?.next).toBeLessThan(2 << 20);
    for (let i = 1; i < 100; i++) {
      expect((await lines.next()).value?.text.slice(65_000)).toBe(`${i}`);
    }
    client.close();
  });

  it("end when the signal says so", async () => {
    const server = new FakeServer();
    server.journal("a").rx("one\n");
    const client = open(server);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { text } of client.port("a").lines({ from: 0, signal: stop.signal })) {
      seen.push(text);
      queueMicrotask(() => stop.abort());
    }
    expect(seen).toEqual(["one"]);
    client.close();
  });

  it("of a port that is not there are an error", async () => {
    const client = open(new FakeServer());
    const lines = client.port("b").lines()[Symbol.asyncIterator]();
    await expect(lines.next()).rejects.toMatchObject({ code: "unknown-port" });
    client.close();
  });
});
