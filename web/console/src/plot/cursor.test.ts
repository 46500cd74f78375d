import { describe, expect, it } from "vitest";
import { extremes, nearestPoint, nextTime, valueAt } from "./cursor.ts";
import type { Picture } from "./picture.ts";
import { StepGrid } from "./step-grid.ts";

const SECOND = 1e6;

function grid(...samples: [time: number, value: number][]): StepGrid {
  const grid = new StepGrid(0, 100 * SECOND, 100);
  for (const [time, value] of samples) grid.fold(0, time * SECOND, time, value);
  return grid;
}

function pictureOf(grid: StepGrid): Picture {
  const column = grid.columns[0] ?? expect.unreachable();
  const x = (index: number) => grid.timeOf(index);
  const look = { series: 0, side: "left", colour: 1, dash: 0, style: "line" } as const;
  return {
    isTime: true,
    x: { min: 0, max: 100 * SECOND, unit: "" },
    left: { min: 0, max: 10, unit: "" },
    right: null,
    curves: [{ ...look, ...column, size: grid.size, x }],
  };
}

describe("what is under a cursor", () => {
  it("is the last value that was known", () => {
    const known = grid([10, 3], [20, 4]);
    expect(valueAt(known, 0, 15 * SECOND)).toEqual({ low: 3, high: 3 });
    expect(valueAt(known, 0, 1e9 * SECOND)?.high).toBe(4);
    expect(valueAt(known, 0, 5 * SECOND)).toBeNull();
    expect(valueAt(known, 7, 15 * SECOND)).toBeNull();
  });

  it("has its lowest and highest values in what is seen alone", () => {
    const known = grid([10, 3], [20, 4], [30, -9]);
    expect(extremes(known, 0, { from: 5 * SECOND, to: 25 * SECOND })).toEqual({ low: 3, high: 4 });
    expect(extremes(known, 0, { from: 11 * SECOND, to: 12 * SECOND })).toBeNull();
  });

  it("is the nearest point if that is near, the higher or the lower one of a step", () => {
    const size = { width: 100, height: 100 };
    const picture = pictureOf(grid([10, 2], [10.5, 9], [60, 5]));
    expect(nearestPoint(picture, { x: 12, y: 15 }, size)?.offset).toBe(10.5);
    expect(nearestPoint(picture, { x: 12, y: 75 }, size)?.offset).toBe(10);
    expect(nearestPoint(picture, { x: 35, y: 50 }, size)).toBeNull();
  });

  it("goes from value to value, and not beyond the last", () => {
    const known = grid([10, 3], [20, 4]);
    const series = [{ number: 0 }];
    const next = nextTime(known, series, 0, true) ?? expect.unreachable();
    expect(valueAt(known, 0, next)?.high).toBe(3);
    expect(nextTime(known, series, 21 * SECOND, true)).toBeNull();
    expect(nextTime(known, series, 10.2 * SECOND, false)).toBeNull();
  });
});
