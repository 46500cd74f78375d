import { describe, expect, it } from "vitest";
import { arc, share } from "./dial.ts";

describe("a dial", () => {
  it.each([
    [25, 0, 50, 0.5],
    [-5, 0, 50, 0],
    [99, 0, 50, 1],
    [1, 5, 5, 0],
    [Number.NaN, 0, 1, Number.NaN],
  ])("with %j between %j and %j stands at %j", (value, min, max, part) =>
    expect(share(value, min, max)).toEqual(part),
  );

  it("draws nothing where there is nothing", () => {
    expect(arc(0.5, 0.5, 40)).toBe("");
    expect(arc(0, Number.NaN, 40)).toBe("");
  });

  it("goes the long way round only behind 180 degrees", () => {
    expect(arc(0, 0.7, 40)).toContain(" 0 0 1 ");
    expect(arc(0, 1, 40)).toContain(" 0 1 1 ");
  });
});
