import { describe, expect, it } from "vitest";
import { figure, spanFigure, tickFigures, tickTimes } from "./figures.ts";

describe("a figure", () => {
  it.each([
    [21.5, "21.5"],
    [-0.25, "−0.25"],
    [100, "100"],
    [1013.25, "1013.25"],
    [0.1 + 0.2, "0.3"],
    [1.5e-7, "1.5e-7"],
    [123456789012, "1.235e11"],
    [0, "0"],
    [Number.NaN, "–"],
  ])("writes %d as %s", (value, text) => expect(figure(value)).toBe(text));

  it("has as many digits on an axis as its steps need", () => {
    expect(tickFigures([0.5, 1, 1.5], 0.5)).toEqual(["0.5", "1.0", "1.5"]);
    expect(tickFigures([0, 2.5, 5], 2.5)).toEqual(["0.0", "2.5", "5.0"]);
    expect(tickFigures([-20, 0, 20], 20)).toEqual(["−20", "0", "20"]);
    expect(tickFigures([-5e-17, 0.05], 0.05)).toEqual(["0.00", "0.05"]);
    expect(tickFigures([0, 2e7], 1e7)).toEqual(["0e0", "2e7"]);
  });
});

describe("a time", () => {
  const noon = new Date(2026, 10, 23, 12, 34, 56, 789).getTime();

  it("is as exact on an axis as its steps", () => {
    expect(tickTimes([noon], 5000)).toEqual(["12:34:56"]);
    expect(tickTimes([noon + 3211 - 0.6], 1000)).toEqual(["12:35:00"]);
    expect(tickTimes([noon], 60_000)).toEqual(["12:34"]);
    expect(tickTimes([noon], 100)).toEqual([":56.7"]);
    expect(tickTimes([noon], 1)).toEqual([":56.789"]);
  });

  it("is a day where one begins", () => {
    const midnight = new Date(2026, 10, 23).getTime();
    expect(tickTimes([midnight], 3_600_000)[0]).toMatch(/23/);
  });

  it.each([
    [250, "250 µs"],
    [12_300, "12.3 ms"],
    [-4_200_000, "−4.2 s"],
    [185e6, "3 min 5 s"],
    [7500e6, "2 h 5 min"],
    [180_000e6, "2 d 2 h"],
  ])("between two cursors of %d µs is %s", (span, text) => expect(spanFigure(span)).toBe(text));
});
