import { expect, it } from "vitest";
import { chartOf } from "./fakes.ts";
import { FoundSeries } from "./found-series.ts";
import { mergeChart } from "./merge-chart.ts";
import { StepGrid } from "./step-grid.ts";

const SECOND = 1_000_000;

it("A series that has no value breaks its own line, and a gap those of all", () => {
  const grid = new StepGrid(0, 10 * SECOND, 10);
  const found = new FoundSeries();
  const past = chartOf(0, 10 * SECOND, SECOND, [
    ["temp", SECOND, 21],
    ["hum", SECOND, 40],
    ["temp", 4 * SECOND, 22],
    ["hum", 4 * SECOND, Number.NaN],
    ["hum", 99 * SECOND, Number.NaN],
  ]);
  mergeChart(grid, { ...past, breaks: Uint32Array.of(7) }, found);
  const broken = (name: string) => {
    const { broken } = grid.columns[found.add(name, "")] ?? { broken: [] };
    return [...broken].flatMap((is, step) => (is ? [step] : []));
  };
  expect([broken("temp"), broken("hum")]).toEqual([[7], [4, 7]]);
  expect(grid.from).toBe(0);
});
