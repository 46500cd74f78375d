import { describe, expect, it } from "vitest";
import { FoundSeries, MOST_SERIES } from "./found-series.ts";
import { shownSeries, unitOf } from "./shown-series.ts";

function found(...units: string[]): FoundSeries {
  const found = new FoundSeries();
  for (const [at, unit] of units.entries()) found.add(`s${at}`, unit);
  return found;
}

describe("series that are found", () => {
  it("keep their numbers, and take a unit that comes later", () => {
    const series = found("", "");
    expect(series.add("s0", "°C")).toBe(0);
    expect(series.add("s1", "")).toBe(1);
    expect(series.all.map(({ unit }) => unit)).toEqual(["°C", ""]);
  });

  it("are bounded, whatever a device calls them", () => {
    const series = new FoundSeries();
    for (let at = 0; at < MOST_SERIES; at++) series.add(`<img src=x onerror=${at}>`, "");
    expect(series.add("one more", "")).toBe(-1);
    expect(series.add("x".repeat(10_000), "")).toBe(-1);
    expect(series.add("__proto__", "")).toBe(-1);
    expect(series.all.length).toBe(MOST_SERIES);
    expect(found("u".repeat(1000)).all[0]?.unit.length).toBeLessThan(20);
  });
});

describe("series as they are shown", () => {
  it("are the same in whatever order they were met", () => {
    const [one, other] = [new FoundSeries(), new FoundSeries()];
    for (const name of ["v10", "v9", "temp"]) one.add(name, "");
    for (const name of ["temp", "v9", "v10"]) other.add(name, "");
    const looks = ({ all }: FoundSeries) =>
      shownSeries(all, {}, {}).map(({ name, colour }) => [name, colour]);
    expect(looks(one).map(([name]) => name)).toEqual(["temp", "v9", "v10"]);
    expect(looks(other)).toEqual(looks(one));
  });

  it("take the colours by turns in the order that a panel tells, and dashes when those are used up", () => {
    const { all } = found(...Array(18).fill(""));
    const shown = shownSeries(all, { series: all.map(({ name }) => ({ name })) }, {});
    expect(shown.map(({ colour }) => colour).slice(6, 10)).toEqual([7, 8, 1, 2]);
    expect([shown[7]?.dash, shown[8]?.dash, shown[16]?.dash]).toEqual([0, 1, 2]);
  });

  it("have the right axis where their unit is another than the first", () => {
    const shown = shownSeries(found("°C", "%", "°C").all, {}, { s1: { hidden: true } });
    expect(shown.map(({ side }) => side)).toEqual(["left", "right", "left"]);
    expect([unitOf(shown, "left"), unitOf(shown, "right")]).toEqual(["°C", "%"]);
    expect(shown[1]?.hidden).toBe(true);
  });

  it("look as somebody wanted", () => {
    const looks = { s0: { title: "Outside", colour: 4, unit: "K", axis: "right" as const } };
    expect(shownSeries(found("°C").all, {}, looks)[0]).toMatchObject({
      name: "s0",
      title: "Outside",
      unit: "K",
      colour: 4,
      side: "right",
    });
  });
});
