import { describe, expect, it } from "vitest";
import { seeded } from "../views/fakes.ts";
import { newest, panned, SHORTEST, shareOf, ticks, timeAt, zoomed } from "./time-axis.ts";

const MINUTE = 60e6;
const BOUNDS = { from: 1_795_000_000e6, to: 1_795_086_400e6 };

describe("the axis of a timeline", () => {
  it("places a time and finds it again", () => {
    for (const share of [0, 0.25, 1]) {
      expect(shareOf(timeAt(share, BOUNDS), BOUNDS)).toBeCloseTo(share);
    }
    expect(shareOf(5, { from: 5, to: 5 })).toBe(0);
  });

  it("keeps what is under the pointer there while it is zoomed", () => {
    const span = { from: BOUNDS.from + 300 * MINUTE, to: BOUNDS.from + 400 * MINUTE };
    const about = timeAt(0.3, span);
    const closer = zoomed(span, about, 0.5, BOUNDS);
    expect(closer.to - closer.from).toBeCloseTo(50 * MINUTE);
    expect(shareOf(about, closer)).toBeCloseTo(0.3);
  });

  it("never leaves what there is, nor grows shorter than the server counts", () => {
    const random = seeded(3);
    let span = newest(60 * MINUTE, BOUNDS);
    for (let turn = 0; turn < 500; turn++) {
      const about = timeAt(random(100) / 100, span);
      span = zoomed(span, about, 0.3 + random(30) / 10, BOUNDS);
      span = panned(span, (random(200) - 100) * MINUTE, BOUNDS);
      expect(span.to).toBeLessThanOrEqual(BOUNDS.to);
      expect(span.from).toBeGreaterThanOrEqual(BOUNDS.from - 1);
      expect(span.to - span.from).toBeGreaterThanOrEqual(SHORTEST - 1);
    }
  });

  it("puts a recording that is shorter than the axis at its right end", () => {
    const short = { from: BOUNDS.to - MINUTE, to: BOUNDS.to };
    expect(newest(Number.POSITIVE_INFINITY, short)).toEqual({
      from: BOUNDS.to - SHORTEST,
      to: BOUNDS.to,
    });
    expect(panned(newest(60 * MINUTE, short), -5 * MINUTE, short).to).toBe(BOUNDS.to);
  });

  it("has ticks at round times, never more than there is room for", () => {
    for (const minutes of [5, 10, 60, 600, 1440, 10_000, 600_000]) {
      const span = { from: BOUNDS.to - minutes * MINUTE, to: BOUNDS.to };
      const found = ticks(span, 8);
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThanOrEqual(9);
      for (const { time } of found) {
        expect(new Date(time / 1000).getSeconds()).toBe(0);
        expect(time).toBeGreaterThanOrEqual(span.from);
        expect(time).toBeLessThanOrEqual(span.to);
      }
    }
    expect(ticks(BOUNDS, 0)).toEqual([]);
  });
});
