import { describe, expect, it } from "vitest";
import { AxisRange, rounded } from "./axis-range.ts";

describe("the range of an axis", () => {
  it("goes around the values in round numbers", () => {
    expect(rounded(21.1, 24)).toEqual({ min: 20.5, max: 24.5 });
    expect(rounded(-3, 97)).toEqual({ min: -20, max: 120 });
    expect(rounded(0.001, 0.0042)).toEqual({ min: 0.0005, max: 0.0045 });
  });

  it("has room around values that are all the same", () => {
    for (const value of [0, 5, -1e9, 1e-12]) {
      const { min, max } = rounded(value, value);
      expect(min).toBeLessThan(value);
      expect(max).toBeGreaterThan(value);
    }
  });

  it("stays while the values move within it, and follows what leaves it", () => {
    const axis = new AxisRange();
    const first = axis.fit(0, 10);
    expect(axis.fit(1, 10.3)).toEqual(first);
    expect(axis.fit(1, 30).max).toBeGreaterThanOrEqual(30);
    expect(axis.fit(1, 2).max).toBeLessThan(4);
  });

  it("stays where it was when there are no values", () => {
    const axis = new AxisRange();
    const range = axis.fit(5, 10);
    expect(axis.fit(Number.NaN, Number.NaN)).toEqual(range);
  });

  it("keeps an end that is fixed, wherever the values are", () => {
    const axis = new AxisRange();
    expect(axis.fit(20, 30, { min: 0 }).min).toBe(0);
    expect(axis.fit(20, 30, { min: 0, max: 50 })).toEqual({ min: 0, max: 50 });
    const beyond = axis.fit(20, 30, { min: 100 });
    expect(beyond.min).toBe(100);
    expect(beyond.max).toBeGreaterThan(100);
  });
});
