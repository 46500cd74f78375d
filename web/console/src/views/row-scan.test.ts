// Filters and searches over rows: what they find, and what an expression without end can do to them.
import { expect, test, vi } from "vitest";
import { logOf, Shelf, seeded, Tape } from "./fakes.ts";
import { LineIndex } from "./lines.ts";
import { BLOCK, GAP, NOTE, PortLog, RX, TX } from "./log.ts";
import { runJob } from "./match-job.ts";
import { Matcher, type Runner, TOO_SLOW } from "./matcher.ts";
import { compile, type Pattern, rangesIn, readQuery } from "./pattern.ts";
import { RowList } from "./row-list.ts";
import { RowScan, type Scope } from "./row-scan.ts";

const ALL = new Set([RX, TX, NOTE, GAP]);
const SOON = { timeout: 20_000 };

class Prompt implements Runner {
  onmessage: Runner["onmessage"] = null;
  onerror: Runner["onerror"] = null;
  terminate() {}
  postMessage(message: unknown) {
    queueMicrotask(() =>
      this.onmessage?.({ data: runJob(message as never) } as MessageEvent<unknown>),
    );
  }
}

class Stuck extends Prompt {
  terminated = false;
  override terminate() {
    this.terminated = true;
  }
  override postMessage() {}
}

function pattern(text: string, matchCase = false): Pattern {
  const read = readQuery({ text, matchCase });
  if (read === null || typeof read === "string") throw new Error(read ?? "empty");
  return read;
}

function listed(list: RowList): number[] {
  return Array.from({ length: list.next - list.first }, (_, i) => list.at(list.first + i));
}

function scanOf(tape: Tape, log = logOf(), scope: Partial<Scope> = {}) {
  const index = new LineIndex(log);
  const scan = new RowScan(
    log,
    index,
    new Matcher(() => new Prompt()),
    { pattern: null, context: 0, kinds: ALL, ...scope },
    () => undefined,
  );
  const feed = async (...texts: string[]) => {
    log.take(texts.map((text) => tape.rx(text)));
    index.take();
    scan.advance();
    await vi.waitFor(() => expect(scan.progress).toBe(1), SOON);
    await new Promise((done) => setTimeout(done));
  };
  return { scan, feed, log, index };
}

test("a literal is found anywhere, an expression by its own rules", () => {
  const find = (query: string, text: string, matchCase = false) =>
    rangesIn(compile(pattern(query, matchCase)), text);
  expect(find("a.b", "A.B axb a.b")).toEqual([0, 3, 8, 11]);
  expect(find("a.b", "A.B axb a.b", true)).toEqual([8, 11]);
  expect(find("/a.b/", "A.B axb a.b")).toEqual([4, 7, 8, 11]);
  expect(find("/a.b/i", "A.B axb")).toEqual([0, 3, 4, 7]);
  expect(find("/x*/", "xx yy")).toEqual([0, 2]);
  expect(find("/dev/tty", "open /dev/tty0")).toEqual([5, 13]);
});

test("a wrong expression says what is wrong", () => {
  expect(readQuery({ text: "/(a/", matchCase: false })).toBe("Unterminated group");
  expect(readQuery({ text: "", matchCase: false })).toBeNull();
});

test("a filter keeps matching rows, and their context where asked", async () => {
  const lines = Array.from({ length: 30 }, (_, i) => (i % 10 === 5 ? `error ${i}\n` : `ok ${i}\n`));
  const plain = scanOf(new Tape(), logOf(), { pattern: pattern("error") });
  await plain.feed(...lines);
  expect(listed(plain.scan.shown)).toEqual([5, 15, 25]);
  const wide = scanOf(new Tape(), logOf(), { pattern: pattern("error"), context: 2 });
  for (const line of lines) await wide.feed(line);
  expect(listed(wide.scan.shown)).toEqual([3, 4, 5, 6, 7, 13, 14, 15, 16, 17, 23, 24, 25, 26, 27]);
  expect(listed(wide.scan.matches)).toEqual([5, 15, 25]);
});

test("a row that grows into a match is found", async () => {
  const { scan, feed } = scanOf(new Tape(), logOf(), { pattern: pattern("password:") });
  await feed("login\npass");
  expect(listed(scan.shown)).toEqual([]);
  await feed("word: ");
  expect(listed(scan.shown)).toEqual([1]);
  await feed("\nnext\n");
  expect(listed(scan.shown)).toEqual([1]);
});

test("kinds are hidden with and without a pattern", async () => {
  const tape = new Tape();
  const log = logOf([tape.note("mark x"), tape.tx("x\n"), tape.rx("x\n")]);
  for (const scope of [{}, { pattern: pattern("x"), context: 5 }]) {
    const { scan, feed } = scanOf(tape, log, { ...scope, kinds: new Set([RX]) });
    await feed("x\n");
    expect(listed(scan.shown).every((row) => row >= 2)).toBe(true);
    expect(scan.shown.next).toBeGreaterThan(0);
  }
});

test("a note is searched by its sentence", async () => {
  const tape = new Tape();
  const log = logOf([tape.note("the cable was pulled")]);
  const { scan, feed } = scanOf(tape, log, { pattern: pattern("cable") });
  await feed("x\n");
  expect(listed(scan.matches)).toEqual([0]);
});

test("an expression without end is stopped, and says so", async () => {
  vi.useFakeTimers();
  const stuck = new Stuck();
  const matcher = new Matcher(() => stuck);
  const asked = expect(matcher.ranges(pattern("/(a+)+$/"), ["aaaa"])).rejects.toThrow(TOO_SLOW);
  await vi.advanceTimersByTimeAsync(5000);
  await asked;
  expect(stuck.terminated).toBe(true);
  vi.useRealTimers();
});

test("rows that come before the first, and rows that go, are found as if all had been looked at once", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  const random = seeded(3);
  for (let i = 0; i < 60_000; i++) {
    const text = random(50) === 0 ? `error ${i}` : `all is well ${i}`;
    shelf.records.push(random(20) ? tape.rx(`${text}\n`) : tape.tx("x\n"));
  }
  for (const scope of [{ pattern: pattern("error"), context: 2 }, { kinds: new Set([RX]) }]) {
    const log = new PortLog(shelf, 2 * BLOCK);
    const index = LineIndex.of(log);
    const matcher = () => new Matcher(() => new Prompt());
    const whole = { pattern: null, context: 0, kinds: ALL, ...scope };
    const scan = new RowScan(log, index, matcher(), whole, () => undefined);
    log.connect(false);
    let place = log.head;
    for (let step = 0; step < 12; step++) {
      place = Math.max(0, Math.min(shelf.head, place + (random(4) - 2) * BLOCK));
      const sight = Math.min(Math.max(place, log.oldest), log.head);
      log.look({ from: sight, to: sight });
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      index.take();
      scan.advance();
      if (random(3)) continue;
      await vi.waitFor(() => {
        scan.advance();
        expect(scan.isDone).toBe(true);
      }, SOON);
      const once = new RowScan(log, index, matcher(), whole, () => undefined);
      await vi.waitFor(() => {
        once.advance();
        expect(once.isDone).toBe(true);
      }, SOON);
      expect(listed(scan.shown)).toEqual(listed(once.shown));
      expect(listed(scan.matches)).toEqual(listed(once.matches));
      once.stop();
    }
  }
});

test("a list of rows keeps places while others come before them", () => {
  const list = new RowList();
  for (let row = 100; row < 5000; row += 2) list.add(row);
  const place = list.find(2000);
  list.addBefore(Array.from({ length: 3000 }, (_, i) => i - 2900));
  expect([list.at(place), list.first, list.at(list.first)]).toEqual([2000, -3000, -2900]);
  list.dropFrom(2000);
  expect([list.next, list.at(list.next - 1)]).toEqual([place, 1998]);
  list.addBefore([-2950, -2901, -2900, 101]);
  expect([list.at(list.first), list.has(101), list.at(list.find(102))]).toEqual([-2950, true, 102]);
});

test("a list of rows keeps places while the oldest go", () => {
  const list = new RowList();
  for (let row = 0; row < 5000; row += 2) list.add(row);
  list.add(101);
  expect([list.find(100), list.at(51), list.has(101), list.has(103)]).toEqual([
    50,
    101,
    true,
    false,
  ]);
  list.dropBelow(1000);
  expect([list.first, list.at(list.first), list.next]).toEqual([501, 1000, 2501]);
  for (let row = 5000; row < 9000; row++) list.add(row);
  expect(list.at(list.find(5000))).toBe(5000);
});
