import { describe, expect, it } from "vitest";
import { pulled, scrollSpeed, stepped } from "./drag.ts";

const cell = { width: 70, height: 50 };

describe("a widget that is pulled", () => {
  it("goes to the nearest field", () => {
    expect(pulled([2, 1, 3, 2], "move", 100, 60, cell)).toEqual([3, 2, 3, 2]);
    expect(pulled([2, 1, 3, 2], "move", 30, -20, cell)).toEqual([2, 1, 3, 2]);
  });
  it("stays on the grid", () =>
    expect(pulled([2, 1, 3, 2], "move", 5000, -900, cell)).toEqual([9, 0, 3, 2]));
  it("grows to the edge at most, and never to nothing", () => {
    expect(pulled([8, 0, 3, 2], "resize", 5000, 50, cell)).toEqual([8, 0, 4, 3]);
    expect(pulled([8, 0, 3, 2], "resize", -5000, -5000, cell)).toEqual([8, 0, 1, 1]);
  });
});

describe("a key", () => {
  it("moves by one field, with Shift it resizes", () => {
    expect(stepped([0, 0, 2, 1], "ArrowRight", false)).toEqual([1, 0, 2, 1]);
    expect(stepped([0, 0, 2, 1], "ArrowDown", true)).toEqual([0, 0, 2, 2]);
  });
  it("that is no arrow does nothing", () => expect(stepped([0, 0, 1, 1], "a", false)).toBeNull());
});

describe("the grid below something in hand", () => {
  it("scrolls near its ends, the faster the nearer, and stands still between", () => {
    expect(scrollSpeed(200, 100, 500)).toBe(0);
    expect(scrollSpeed(110, 100, 500)).toBeLessThan(scrollSpeed(125, 100, 500));
    expect(scrollSpeed(490, 100, 500)).toBeGreaterThan(0);
    expect(scrollSpeed(9000, 100, 500)).toBe(12);
    expect(scrollSpeed(-9000, 100, 500)).toBe(-12);
  });
});
