import type { SerialRecord } from "seriald";
import { describe, expect, it } from "vitest";
import { Tape } from "../views/fakes.ts";
import { type Play, Replay } from "./replay.svelte.ts";
import type { Screen } from "./replay-feed.ts";

const settle = () => new Promise((done) => setTimeout(done));

class Paper implements Screen {
  size = { rows: 24, cols: 80 };
  column = 0;
  text = "";
  write(data: string | Uint8Array, done: () => void): void {
    this.text += typeof data === "string" ? data : new TextDecoder().decode(data);
    queueMicrotask(done);
  }
  reset(): void {
    this.text = "";
  }
  setReturnOnFeed(): void {}
}

/** Ten letters, a second apart. */
async function replayed(change: Partial<Play> = {}) {
  const tape = new Tape();
  const records: SerialRecord[] = [];
  for (const letter of "abcdefghij") {
    tape.time += 999_000;
    records.push(tape.rx(letter));
  }
  const paper = new Paper();
  const hand = { now: 0 };
  const play = { from: 0, to: 10, oldest: 0, begins: 2e6, ends: 11e6, ...change };
  async function* source(from: number) {
    yield records.filter(({ offset }) => offset >= from && offset < play.to);
  }
  const options = { echo: () => false, returnOnFeed: () => null };
  const replay = new Replay(play, source, paper, options, () => hand.now);
  await settle();
  /** Lets so many milliseconds pass. */
  const pass = async (ms: number) => {
    hand.now += ms;
    replay.step();
    await settle();
  };
  return { replay, paper, pass };
}

describe("a replay", () => {
  it("plays with the original timing, to its end", async () => {
    const { replay, paper, pass } = await replayed();
    expect([paper.text, replay.playing]).toEqual(["", false]);
    replay.toggle();
    await pass(1);
    expect(paper.text).toBe("a");
    await pass(1000);
    expect(paper.text).toBe("ab");
    await pass(500);
    expect([paper.text, replay.time]).toEqual(["ab", 3.501e6]);
    await pass(20_000);
    expect([paper.text, replay.ended, replay.playing]).toEqual(["abcdefghij", true, false]);
  });

  it("plays faster, and pauses", async () => {
    const { replay, paper, pass } = await replayed();
    replay.toggle();
    replay.setSpeed(4);
    await pass(1001);
    expect(paper.text).toBe("abcde");
    replay.toggle();
    await pass(9000);
    expect(paper.text).toBe("abcde");
  });

  it("draws at once what came before the place where it begins", async () => {
    const { replay, paper, pass } = await replayed({ from: 5, begins: 7e6 });
    expect(paper.text).toBe("abcde");
    expect(replay.time).toBe(7e6);
    replay.toggle();
    await pass(10);
    expect(paper.text).toBe("abcdef");
  });

  it("seeks forth and back, never beyond the stretch", async () => {
    const { replay, paper, pass } = await replayed({ from: 2, to: 8, begins: 4e6, ends: 9e6 });
    replay.seek(6, 8e6);
    await settle();
    expect([paper.text, replay.time]).toEqual(["abcdef", 8e6]);
    replay.seek(0, 1e6);
    await settle();
    expect(paper.text).toBe("ab");
    replay.toggle();
    await pass(60_000);
    expect([paper.text, replay.ended]).toEqual(["abcdefgh", true]);
    replay.toggle();
    await settle();
    // The first one is due at once.
    expect([paper.text, replay.playing]).toEqual(["abc", true]);
  });
});
