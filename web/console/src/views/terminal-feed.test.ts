// What a terminal is given of a log: guarded, in order, answered by one, never more than it can take.
import { expect, test } from "vitest";
import { bytesOf, logOf, Tape } from "./fakes.ts";
import type { PortLog } from "./log.ts";
import { PortStore } from "./port-store.ts";
import { REPLAY, type Screen, TerminalFeed } from "./terminal-feed.ts";

class Paper implements Screen {
  text = "";
  size = { rows: 24, cols: 80 };
  column: number | null = 0;
  returns = false;
  resets = 0;
  marks: number[] = [];
  waiting: (() => void)[] = [];

  /** Keeps callbacks back until `take`, as a terminal does that is busy. */
  constructor(readonly busy = false) {}

  write(data: string | Uint8Array, done: () => void) {
    this.text += typeof data === "string" ? data : new TextDecoder().decode(data);
    const line = this.text.slice(this.text.lastIndexOf("\n") + 1);
    if (this.column !== null) this.column = line.length;
    if (this.busy) this.waiting.push(done);
    else done();
  }
  take() {
    const waiting = this.waiting;
    this.waiting = [];
    for (const done of waiting) done();
  }
  reset() {
    this.text = "";
    this.resets++;
  }
  setReturnOnFeed(on: boolean) {
    this.returns = on;
  }
  mark(offset: number) {
    this.marks.push(offset);
  }
}

function feedOf(log: PortLog, paper = new Paper(), answers = true, echo = false) {
  const store = new PortStore({ subscribe: () => ({ next: 0, close: () => undefined }) } as never);
  Object.assign(store, { log });
  const feed = new TerminalFeed(store, paper, {
    answers: () => answers,
    echo: () => echo,
    returnOnFeed: () => null,
  });
  log.onarrival(() => feed.pump());
  feed.run();
  return { store, feed, paper };
}

test("history is shown and never answered, live data is", () => {
  const tape = new Tape();
  tape.live = false;
  const log = logOf([tape.rx("old \u001b[6n")]);
  const { paper } = feedOf(log);
  tape.live = true;
  log.take([tape.rx("new \u001b[6n")]);
  expect(paper.text).toBe("old new \u001b[6n");
});

test("live data that came before the terminal ran is not answered", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("before \u001b[c")]);
  const { feed, paper } = feedOf(log);
  feed.stop();
  log.take([tape.rx("while hidden \u001b[c")]);
  feed.run();
  log.take([tape.rx("now \u001b[c")]);
  expect(paper.text).toBe("before while hidden now \u001b[c");
});

test("a page that is not the answerer answers nothing", () => {
  const tape = new Tape();
  const log = logOf();
  const { paper } = feedOf(log, new Paper(), false);
  log.take([tape.rx("a\u001b[6nb\u001b]11;?\u0007c")]);
  expect(paper.text).toBe("abc");
});

test("a terminal begins with the newest, at the beginning of a line", () => {
  const tape = new Tape();
  const line = "0123456789abcdef 0123456789abcdef\n";
  const log = logOf([tape.rx(line.repeat(20_000))]);
  const { paper } = feedOf(log);
  expect(paper.text.length).toBeLessThanOrEqual(REPLAY);
  expect(paper.text.length).toBeGreaterThan(REPLAY - 2 * line.length);
  expect(paper.text.startsWith(line)).toBe(true);
});

test("a busy terminal has a bounded amount under way and gets the rest when it has taken that", () => {
  const tape = new Tape();
  const log = logOf();
  const paper = new Paper(true);
  const { feed } = feedOf(log, paper);
  for (let i = 0; i < 30; i++) log.take([tape.rx(bytesOf("x".repeat(100_000)))]);
  expect(feed.outstanding).toBeLessThanOrEqual(17 * 65536);
  expect(paper.text.length).toBeLessThan(2_000_000);
  while (paper.waiting.length > 0) paper.take();
  expect(paper.text).toBe("x".repeat(3_000_000));
  expect(feed.outstanding).toBe(0);
});

test("a terminal that is far behind goes on with the newest and says so", () => {
  const tape = new Tape();
  const log = logOf();
  const paper = new Paper(true);
  feedOf(log, paper);
  for (let i = 0; i < 60; i++) log.take([tape.rx(bytesOf("some line of text\n".repeat(6000)))]);
  while (paper.waiting.length > 0) paper.take();
  expect(paper.resets).toBeGreaterThan(1);
  expect(paper.text).toMatch(/too fast to be shown here/);
  expect(paper.text.endsWith("some line of text\n")).toBe(true);
});

test("notes and gaps stand on lines of their own and are no commands", () => {
  const tape = new Tape();
  const log = logOf([
    tape.rx("half"),
    tape.note("lost \u001b[2Jnow", "lost"),
    tape.rx("more"),
    tape.gap(5000),
  ]);
  const { paper } = feedOf(log);
  expect(paper.text).toBe(
    "half\r\n\u001b[0;31m── lost ^[[2Jnow\u001b[0m\r\n" +
      "more\r\n\u001b[0;35m── 5.0\u00a0kB are not kept any more.\u001b[0m\r\n",
  );
});

test("a full-screen program is not written into", () => {
  const tape = new Tape();
  const paper = new Paper();
  paper.column = null;
  const log = logOf([tape.rx("screen"), tape.note("settings"), tape.rx("more")]);
  feedOf(log, paper);
  expect(paper.text).toBe("screenmore");
});

test("what was typed is shown only where echo is wanted, and its controls are visible", () => {
  const tape = new Tape();
  const records = [tape.tx("ls\u001b[A\r"), tape.rx("ok")];
  expect(feedOf(logOf(records)).paper.text).toBe("ok");
  expect(feedOf(logOf(records), new Paper(), true, true).paper.text).toBe("ls^[[A\r\nok");
});

test("a pause holds back, and going on shows what came", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("one ")]);
  const { store, feed, paper } = feedOf(log);
  store.pause(true);
  log.take([tape.rx("two")]);
  expect(paper.text).toBe("one ");
  expect(store.unseen).toBe(3);
  store.pause(false);
  feed.run();
  expect(paper.text).toBe("one two");
});

test("clear empties the terminal, and a new journal begins it anew", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("old")]);
  const { store, feed, paper } = feedOf(log);
  store.clear();
  feed.pump();
  expect(paper.text).toBe("");
  log.take([tape.rx("next")]);
  expect(paper.text).toBe("next");
  const anew = new Tape();
  log.take([anew.gap(0), anew.rx("first")]);
  expect(paper.text).toMatch(/new journal.*first$/s);
});

test("a device that ends lines with LF alone gets its carriage returned", () => {
  const tape = new Tape();
  expect(feedOf(logOf([tape.rx("a\nb\n")])).paper.returns).toBe(true);
  expect(feedOf(logOf([tape.rx("a\r\nb\r\n")])).paper.returns).toBe(false);
});
