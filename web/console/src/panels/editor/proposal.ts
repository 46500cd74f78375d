// Proposal: the widgets for what a device prints: a lamp or a tile for each series, and a plot of those that vary.
import type { ChartSeries, LedWidget, PlotWidget, ValueWidget, Widget } from "seriald";
import { free } from "../grid.ts";
import { freshId } from "./names.ts";

// More tiles than these nobody reads; the plot can choose among all.
const MOST_TILES = 8;
const MOST_LINES = 6;

type Found = Pick<ChartSeries, "name" | "unit" | "low" | "high">;

/** The widgets that are proposed for some series. */
export function proposal(series: readonly Found[]): Widget[] {
  const widgets: Widget[] = [];
  for (const each of series.slice(0, MOST_TILES)) widgets.push(tile(each, widgets));
  const lines = series.filter((each) => !isLamp(each)).slice(0, MOST_LINES);
  return lines.length > 0 ? [...widgets, plot(lines, widgets)] : widgets;
}

function tile({ name, low, high }: Found, widgets: readonly Widget[]): ValueWidget | LedWidget {
  const lamp = isLamp({ low, high });
  const ids = widgets.map(({ id }) => id);
  return {
    id: freshId(name, ids),
    type: lamp ? "led" : "value",
    at: free(widgets, 3, lamp ? 1 : 2),
    title: name.slice(0, 64),
    follow: name,
  };
}

function isLamp({ low, high }: Pick<Found, "low" | "high">): boolean {
  const values = [...low, ...high].filter((value) => !Number.isNaN(value));
  return values.length > 0 && values.every((value) => value === 0 || value === 1);
}

/** What is much larger than the first goes by the right axis. */
function plot(lines: readonly Found[], widgets: readonly Widget[]): PlotWidget {
  const size = ({ high }: Found) =>
    Math.max(0, ...[...high].filter(Number.isFinite).map((value) => Math.abs(value)));
  const first = size(lines[0] as Found) || 1;
  const series = lines.map((line) => {
    const ratio = size(line) / first;
    const right = ratio > 8 || ratio < 1 / 8;
    return { name: line.name, ...(right ? { axis: "right" as const } : {}) };
  });
  const ids = widgets.map(({ id }) => id);
  return {
    id: freshId("plot", ids),
    type: "plot",
    at: free(widgets, 12, 6),
    plot: { series, window: 60 },
  };
}
