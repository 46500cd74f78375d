// A terminal in the past: a bounded stretch around what is in sight, and more as the sight moves.
import { expect, test } from "vitest";
import { bytesOf, logOf, Tape } from "./fakes.ts";
import { LineIndex } from "./lines.ts";
import { PortStore } from "./port-store.ts";
import { REPLAY, type Screen, TerminalFeed } from "./terminal-feed.ts";

const LINE = "0123456789 0123456789 0123456789\r\n";

class Paper implements Screen {
  text = "";
  size = { rows: 24, cols: 80 };
  column = 0;
  still = 0;
  marks: number[] = [];

  write(data: string | Uint8Array, done: () => void) {
    this.text += typeof data === "string" ? data : new TextDecoder().decode(data);
    done();
  }
  reset(still: boolean) {
    this.text = "";
    this.marks = [];
    if (still) this.still++;
  }
  setReturnOnFeed() {}
  mark(offset: number) {
    this.marks.push(offset);
  }
}

function feedOf(lines: number) {
  const tape = new Tape();
  const log = logOf(Array.from({ length: lines / 100 }, () => tape.rx(LINE.repeat(100))));
  const store = new PortStore({ subscribe: () => ({ next: 0, close: () => undefined }) } as never);
  Object.assign(store, { log, lines: LineIndex.of(log) });
  store.index(Number.POSITIVE_INFINITY);
  const paper = new Paper();
  let idle = 0;
  const feed = new TerminalFeed(store, paper, {
    answers: () => true,
    echo: () => false,
    returnOnFeed: () => null,
    onidle: () => idle++,
  });
  log.onarrival(() => {
    store.index(Number.POSITIVE_INFINITY);
    feed.pump();
  });
  return { tape, log, store, paper, feed, idle: () => idle };
}

test("it has as much above as below, begins at a line, and has the exact place marked", () => {
  const { paper, feed, idle } = feedOf(100_000);
  const sight = 50_000 * LINE.length;
  feed.restart(sight);
  feed.run();
  expect(paper.still).toBe(1);
  expect(paper.text.startsWith(LINE)).toBe(true);
  expect(feed.from % LINE.length).toBe(0);
  expect(sight - feed.from).toBeGreaterThan(REPLAY / 2 - 2 * LINE.length);
  expect(feed.next - sight).toBeLessThanOrEqual(REPLAY / 2);
  expect(feed.next - sight).toBeGreaterThan(0);
  expect(paper.marks).toContain(sight);
  expect(feed.isCaughtUp).toBe(false);
  expect(idle()).toBeGreaterThan(0);
});

test("it goes on as the sight moves down, byte by byte what the journal has", () => {
  const { log, paper, feed } = feedOf(40_000);
  feed.restart(10_000 * LINE.length);
  feed.run();
  const { from } = feed;
  for (let turn = 0; turn < 100 && !feed.isCaughtUp; turn++) {
    feed.reach(feed.next - 100);
    feed.pump();
  }
  expect(feed.next).toBe(log.head);
  expect(paper.text).toBe(new TextDecoder().decode(log.bytes(from, log.head)));
});

test("what comes does not move what is in sight, and queries of a while ago are not answered", () => {
  const { tape, log, paper, feed } = feedOf(1000);
  feed.restart();
  feed.run();
  feed.reach(log.head);
  for (let i = 0; i < 100; i++) log.take([tape.rx(bytesOf(LINE.repeat(200)))]);
  const { next } = feed;
  expect(next).toBeLessThan(log.head - REPLAY);
  log.take([tape.rx("late \u001b[6n")]);
  feed.reach(null);
  feed.pump();
  expect(feed.isCaughtUp).toBe(true);
  expect(paper.text.endsWith("late ")).toBe(true);
  log.take([tape.rx("now \u001b[6n")]);
  expect(paper.text.endsWith("now \u001b[6n")).toBe(true);
});
