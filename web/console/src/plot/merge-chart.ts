// MergeChart: puts what the server has read of the recording into a grid.
import type { Chart } from "seriald";
import type { FoundSeries } from "./found-series.ts";
import type { StepGrid } from "./step-grid.ts";

/** Adds a chart to a grid, whose steps may be others. What both know already stays as it is. */
export function mergeChart(grid: StepGrid, chart: Chart, found: FoundSeries): void {
  const timeOf = (step: number) => chart.from + (step + 0.5) * chart.step;
  const end = grid.to;
  for (const series of chart.series) {
    const number = found.add(series.name, series.unit);
    if (number < 0) continue;
    for (const [entry, step] of series.at.entries()) {
      const time = timeOf(step);
      // A last step that is cut off must not move the grid.
      if (time >= end) continue;
      grid.fold(number, time, series.low_at[entry] as number, series.low[entry] as number);
      grid.fold(number, time, series.high_at[entry] as number, series.high[entry] as number);
    }
    for (const step of series.breaks) {
      const time = timeOf(step);
      if (time < end) grid.fold(number, time, 0, Number.NaN);
    }
  }
  for (const step of chart.breaks) grid.breakAt(timeOf(step));
}
