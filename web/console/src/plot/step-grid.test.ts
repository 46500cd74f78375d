import { describe, expect, it } from "vitest";
import { StepGrid } from "./step-grid.ts";

const SECOND = 1e6;
const values = (column: Float64Array | undefined) => Array.from(column ?? []);

describe("a grid of steps", () => {
  it("keeps the lowest and the highest value of a step with the lines that gave them", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    for (const [at, value] of [3, 9, -4, 5].entries())
      grid.fold(0, 2.1 * SECOND + at, 100 + at, value);
    const column = grid.columns[0];
    expect([column?.low[2], column?.lowAt[2]]).toEqual([-4, 102]);
    expect([column?.high[2], column?.highAt[2]]).toEqual([9, 101]);
    expect(column?.low[1]).toBeNaN();
  });

  it("stays the same when it is told the same twice", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    grid.fold(0, SECOND, 7, 1);
    const once = values(grid.columns[0]?.lowAt);
    grid.fold(0, SECOND, 7, 1);
    expect(values(grid.columns[0]?.lowAt)).toEqual(once);
  });

  it("covers all that it was asked for", () => {
    const grid = new StepGrid(1_500_000_000_123, 1_500_007_654_321, 997);
    expect(grid.from).toBeLessThanOrEqual(1_500_000_000_123);
    expect(grid.to).toBeGreaterThan(1_500_007_654_321);
    expect(grid.size).toBeLessThan(1000);
  });

  it("moves on with what comes and forgets what is too old", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    grid.fold(0, SECOND, 1, 1);
    grid.fold(0, 9 * SECOND, 2, 2);
    grid.fold(0, 14 * SECOND, 3, 3);
    expect(grid.to).toBe(15 * SECOND);
    const { low } = grid.columns[0] ?? expect.unreachable();
    expect(low[grid.indexOf(9 * SECOND)]).toBe(2);
    expect(low[grid.indexOf(14 * SECOND)]).toBe(3);
    expect([...low].filter((value) => !Number.isNaN(value))).toEqual([2, 3]);
    grid.fold(0, SECOND, 1, 1);
    expect([...low].filter((value) => !Number.isNaN(value))).toEqual([2, 3]);
  });

  it("moves seldom where it has room ahead, and always has what it was asked for", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10, 5);
    let moves = 0;
    for (let at = 0; at < 1000; at++) {
      const before = grid.from;
      grid.fold(0, at * SECOND, at, at);
      if (grid.from !== before) moves++;
      const { low } = grid.columns[0] ?? expect.unreachable();
      const kept = [...low].filter((value) => !Number.isNaN(value));
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(at + 1, 11));
    }
    expect(moves).toBeLessThan(200);
  });

  it("is empty after a move by more than itself", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    grid.fold(0, SECOND, 1, 1);
    grid.breakAt(SECOND);
    grid.slide(100 * SECOND);
    expect(values(grid.columns[0]?.low).every(Number.isNaN)).toBe(true);
    expect(grid.columns[0]?.broken.includes(1)).toBe(false);
  });

  it("does not follow a clock that says the year 9999", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    grid.fold(0, 253_370_764_800 * SECOND, 1, 1);
    expect(grid.from).toBe(0);
  });

  it("breaks a line at a value that is none, and has no value there", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    grid.fold(0, 4 * SECOND, 1, Number.NaN);
    grid.fold(0, 5 * SECOND, 1, Number.POSITIVE_INFINITY);
    expect([...(grid.columns[0]?.broken ?? [])].slice(3, 7)).toEqual([0, 1, 1, 0]);
    expect(values(grid.columns[0]?.high).every(Number.isNaN)).toBe(true);
  });

  it("stays as it is while its copy is held", () => {
    const grid = new StepGrid(0, 10 * SECOND, 10);
    grid.fold(0, SECOND, 1, 1);
    const copy = grid.copy();
    grid.slide(100 * SECOND);
    expect([copy.from, copy.size, copy.step]).toEqual([0, 11, SECOND]);
    expect(copy.columns[0]?.low[1]).toBe(1);
  });
});
