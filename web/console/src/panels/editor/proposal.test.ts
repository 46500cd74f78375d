import { expect, it } from "vitest";
import { overlap } from "../grid.ts";
import { proposal } from "./proposal.ts";

const series = (name: string, low: number[], high = low) => ({
  name,
  unit: "",
  low: Float64Array.from(low),
  high: Float64Array.from(high),
});

it("Each series gets a tile, a lamp where it is only on and off, and those that vary a plot", () => {
  const widgets = proposal([series("temp", [21, 22]), series("led", [0, 1]), series("hum", [40])]);
  expect(widgets.map(({ type, title }) => [type, title])).toEqual([
    ["value", "temp"],
    ["led", "led"],
    ["value", "hum"],
    ["plot", undefined],
  ]);
});

it("A series of another size goes by the right axis", () => {
  const plot = proposal([series("temp", [21]), series("light", [800])]).at(-1);
  expect(plot).toMatchObject({
    plot: { series: [{ name: "temp" }, { name: "light", axis: "right" }] },
  });
});

it("A hundred series with hostile names make no more than a screen, nothing over another", () => {
  const widgets = proposal(
    Array.from({ length: 100 }, (_, n) => series(`<b>${"x".repeat(80)}${n}`, [n, Number.NaN])),
  );
  expect(widgets).toHaveLength(9);
  expect(new Set(widgets.map(({ id }) => id)).size).toBe(9);
  for (const [n, one] of widgets.entries())
    for (const other of widgets.slice(n + 1)) expect(overlap(one.at, other.at)).toBe(false);
});
