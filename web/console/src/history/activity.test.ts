import { describe, expect, it } from "vitest";
import { barsOf, flagsOf, Passage, stepAt } from "./activity.ts";
import type { Mark, Step, Timeline } from "./answers.ts";

const MINUTE = 60e6;
const point = (minute: number, offset: number, rx: number, tx = 0): Step => ({
  time: minute * MINUTE,
  offset,
  rx,
  tx,
  notes: 0,
});
const TIMELINE: Timeline = {
  from: 0,
  to: 10 * MINUTE,
  step: MINUTE,
  points: [point(0, 100, 100), point(1, 200, 300, 100), point(5, 600, 4)],
};
const SPAN = { from: 0, to: 10 * MINUTE };

describe("the bars of a timeline", () => {
  it("stand where their steps are, the highest to the top", () => {
    const bars = barsOf(TIMELINE, SPAN);
    expect(bars.map(({ left }) => left)).toEqual([0, 0.1, 0.5]);
    expect(bars.map(({ rx, tx }) => rx + tx)).toEqual([0.5, 1, 0.1]);
    expect(bars[1]?.rx).toBeCloseTo(0.75);
    expect(bars[1]?.tx).toBeCloseTo(0.25);
  });

  it("are cut at the edges and left out beyond them", () => {
    const bars = barsOf(TIMELINE, { from: 1.5 * MINUTE, to: 5.5 * MINUTE });
    expect(bars.map(({ left, width }) => [left, width])).toEqual([
      [0, 0.125],
      [0.875, 0.125],
    ]);
  });

  it("of silence with Notes have no height", () => {
    const [bar] = barsOf({ ...TIMELINE, points: [point(0, 0, 0)] }, SPAN);
    expect([bar?.rx, bar?.tx]).toEqual([0, 0]);
  });

  it("tell the step under the pointer", () => {
    expect(stepAt(TIMELINE, 1.9 * MINUTE)?.offset).toBe(200);
    expect(stepAt(TIMELINE, 3 * MINUTE)).toBeNull();
  });
});

describe("the way between offsets and times", () => {
  const passage = new Passage(TIMELINE, { time: 10 * MINUTE, offset: 604 });

  it("is exact where steps begin", () => {
    expect(passage.timeOf(200)).toBe(MINUTE);
    expect(passage.offsetAt(5 * MINUTE)).toBe(600);
  });

  it("is even within a step, and stands still in silence", () => {
    expect(passage.timeOf(150)).toBe(MINUTE / 2);
    expect(passage.offsetAt(1.5 * MINUTE)).toBe(400);
    expect(passage.offsetAt(3 * MINUTE)).toBe(600);
    expect(passage.timeOf(600)).toBe(5 * MINUTE);
  });

  it("begins where the recording does", () => {
    const late = new Passage(TIMELINE, { time: 10 * MINUTE, offset: 604 }, MINUTE / 2);
    expect(late.timeOf(100)).toBe(MINUTE / 2);
    expect(late.timeOf(150)).toBe(0.75 * MINUTE);
  });

  it("never leaves what it knows", () => {
    expect(passage.timeOf(0)).toBe(0);
    expect(passage.offsetAt(-5)).toBe(100);
    expect(passage.timeOf(9999)).toBe(10 * MINUTE);
    const empty = new Passage({ ...TIMELINE, points: [] }, { time: 7, offset: 3 });
    expect([empty.timeOf(0), empty.offsetAt(0)]).toEqual([7, 3]);
  });
});

describe("the flags of a timeline", () => {
  const mark = (minute: number): Mark => ({
    offset: 0,
    at: 0,
    time: minute * MINUTE,
    text: "",
    by: null,
  });

  it("are shared by marks that are close together", () => {
    const flags = flagsOf([mark(5), mark(1), mark(1.01), mark(20)], SPAN, 500);
    expect(flags.map(({ left, marks }) => [left, marks.length])).toEqual([
      [0.1, 2],
      [0.5, 1],
    ]);
  });
});
