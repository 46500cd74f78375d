import type { SerialRecord } from "seriald";
import { describe, expect, it } from "vitest";
import { Tape } from "../views/fakes.ts";
import { MOST_OUTSTANDING, ReplayFeed, type Screen } from "./replay-feed.ts";

/** A terminal that takes what it was given when it is told to. */
class FakeScreen implements Screen {
  size = { rows: 24, cols: 80 };
  column: number | null = 0;
  text = "";
  resets = 0;
  returns = false;
  #due: (() => void)[] = [];

  write(data: string | Uint8Array, done: () => void): void {
    this.#due.push(() => {
      const text = typeof data === "string" ? data : new TextDecoder().decode(data);
      this.text += text;
      this.column = this.text.length - (this.text.lastIndexOf("\n") + 1);
      done();
    });
  }

  reset(): void {
    this.#due.push(() => {
      this.resets++;
      this.text = "";
    });
  }

  setReturnOnFeed(on: boolean): void {
    this.returns = on;
  }

  draw(): void {
    for (let next = this.#due.shift(); next; next = this.#due.shift()) next();
  }
}

function fed(records: SerialRecord[], echo = false): string {
  const screen = new FakeScreen();
  const feed = new ReplayFeed(screen, { echo: () => echo, returnOnFeed: () => null });
  feed.show(records);
  screen.draw();
  return screen.text;
}

describe("what a replay shows", () => {
  it("is what came in, and what was typed only where the device does not say it back", () => {
    const tape = new Tape();
    const records = [tape.rx("login: "), tape.tx("root"), tape.rx("\r\n")];
    expect(fed(records)).toBe("login: \r\n");
    expect(fed(records, true)).toBe("login: root\r\n");
  });

  it("never asks the terminal to answer", () => {
    const tape = new Tape();
    const asked = "a\u001b[6nb\u001b[cc\u001b]11;?\u0007d\u001bZe\u001b[?1$pf";
    expect(fed([tape.rx(asked)])).toBe("abcdef");
    // Also where a query is cut, and claims to be live.
    tape.live = true;
    expect(fed([tape.rx("a\u001b["), tape.rx("6nb")])).toBe("ab");
  });

  it("has Notes and gaps on lines of their own", () => {
    const tape = new Tape();
    const text = fed([
      tape.rx("half a li"),
      tape.note("unplugged", "lost"),
      tape.rx("ne"),
      tape.gap(9),
    ]);
    expect(text).toMatch(/^half a li\r\n\S*── unplugged\S*\r\nne\r\n.*── 9/s);
  });

  it("is held back while the terminal has enough to do", () => {
    const screen = new FakeScreen();
    const feed = new ReplayFeed(screen, { echo: () => false, returnOnFeed: () => null });
    const tape = new Tape();
    expect(feed.busy).toBe(false);
    feed.show([tape.rx(new Uint8Array(MOST_OUTSTANDING + 1).fill(65))]);
    expect(feed.busy).toBe(true);
    screen.draw();
    expect(feed.busy).toBe(false);
  });

  it("begins on an empty screen, whatever was half said", () => {
    const screen = new FakeScreen();
    const feed = new ReplayFeed(screen, { echo: () => false, returnOnFeed: () => null });
    const tape = new Tape();
    feed.show([tape.rx("\u001b]0;half a title"), tape.note("one")]);
    feed.reset();
    feed.show([tape.rx("text\n")]);
    screen.draw();
    expect(screen.text).toBe("text\n");
    expect([screen.resets, screen.returns]).toEqual([1, true]);
    expect(feed.busy).toBe(false);
  });
});
