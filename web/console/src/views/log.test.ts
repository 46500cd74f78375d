// What the page's copy of a journal keeps, drops and never doubles.
import type { SerialRecord, SubscribeOptions } from "seriald";
import { expect, test } from "vitest";
import { bytesOf, cut, logOf, seeded, Tape } from "./fakes.ts";
import { PortLog, RX, TX } from "./log.ts";

function text(log: PortLog, from = log.oldest, to = log.head, kind = RX): string {
  return new TextDecoder().decode(log.bytes(from, to, kind));
}

test("bytes come back as they came, however they were cut", () => {
  const random = seeded(7);
  const sent = new Uint8Array(200_000).map(() => random(256));
  const tape = new Tape();
  const log = logOf(cut(sent, random, 3000).map((piece) => tape.rx(piece)));
  expect(Buffer.compare(log.bytes(0, log.head), sent)).toBe(0);
  for (let i = 0; i < 50; i++) {
    const from = random(sent.length);
    const to = from + random(sent.length - from);
    expect(Buffer.compare(log.bytes(from, to), sent.subarray(from, to))).toBe(0);
  }
});

test("what was typed and what came in stay apart", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("$ "), tape.tx("l"), tape.rx("l"), tape.note("x"), tape.tx("s")]);
  expect(text(log)).toBe("$ l");
  expect(text(log, 0, log.head, TX)).toBe("ls");
});

test("a record that comes twice is taken once, an overlapping one in part", () => {
  const tape = new Tape();
  const first = tape.rx("hello ");
  const second = tape.rx("world");
  const overlap: SerialRecord = { ...first, end: 9, bytes: bytesOf("hello wor") };
  expect(text(logOf([first, first, overlap, second, second]))).toBe("hello world");
  const log = logOf([first, { ...overlap, offset: 0, end: 11, bytes: bytesOf("hello world") }]);
  expect(text(log)).toBe("hello world");
});

test("the oldest chunks go when there is too much", () => {
  const tape = new Tape();
  const log = logOf([], 1_000_000);
  for (let i = 0; i < 300; i++) log.take([tape.rx(new Uint8Array(10_000).fill(i))]);
  expect(log.entries.bytes).toBeLessThanOrEqual(1_000_000);
  expect(log.entries.bytes).toBeGreaterThan(700_000);
  expect(log.oldest + log.entries.bytes).toBe(3_000_000);
  expect(log.bytes(log.oldest, log.oldest + 1)[0]).toBe((log.oldest / 10_000) & 0xff);
});

test("many small records are bounded too", () => {
  const tape = new Tape();
  const log = logOf();
  const batch = Array.from({ length: 3 * 4096 }, () => tape.rx("x"));
  log.take(batch);
  expect(log.entries.next - log.entries.first).toBe(batch.length);
  expect(log.entries.get(5000).offset).toBe(5000);
  expect(log.entries.find(9999)).toBe(9999);
});

test("an offset finds its entry, also across gaps", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("abc"), tape.gap(1000), tape.rx("def"), tape.note("x")]);
  expect([0, 2, 3, 500, 1002, 1003, 1006, 9999].map((o) => log.entries.find(o))).toEqual([
    0, 0, 1, 1, 1, 2, 3, 4,
  ]);
});

test("a journal that the server began anew replaces the old one", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("old old old")]);
  const anew = new Tape();
  log.take([anew.gap(0), anew.rx("new")]);
  expect(log.generation).toBe(1);
  expect(log.oldest).toBe(0);
  expect(text(log)).toBe("new");
});

test("clear moves the start of the views and keeps the bytes", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("before")]);
  log.clear();
  log.take([tape.rx("after")]);
  expect(log.firstShown).toBe(6);
  expect(text(log)).toBe("beforeafter");
});

test("a connection goes on behind the last byte, and the one before it is ended", () => {
  const asked: SubscribeOptions[] = [];
  let closed = 0;
  const tape = new Tape();
  const log = new PortLog({
    state: undefined,
    async *read() {},
    subscribe(options, sink) {
      asked.push(options);
      sink.begin?.({ from: tape.head, oldest: 0, head: tape.head, resumed: false });
      sink.records([tape.rx("some")]);
      return { next: tape.head, journal: 7, close: () => void closed++ };
    },
  });
  log.connect(false);
  log.connect(true);
  expect(asked).toMatchObject([
    { from: -1048576, answers: false },
    { from: 4, journal: 7, answers: true },
  ]);
  expect(closed).toBe(1);
  expect(text(log)).toBe("somesome");
});
