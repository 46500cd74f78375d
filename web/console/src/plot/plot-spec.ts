// PlotSpec: what a plot shows, as a panel's file says it; and what holds where it says nothing.
import type { PlotSeries, PlotSettings } from "seriald";

export type PlotSpec = PlotSettings;

/** Values over time, one series over another, how often which values come, or how strong which frequencies are. */
export const KINDS = ["time", "xy", "histogram", "spectrum"] as const;
export type Kind = (typeof KINDS)[number];

export type Side = NonNullable<PlotSeries["axis"]>;

/** The colours of the theme that series take by turns, 1 to 8. */
export const COLOURS = 8;

/** Seconds that a plot shows unless told. */
export const DEFAULT_WINDOW = 60;

/** The shortest and the longest time that a plot shows, in seconds. */
export const SHORTEST_WINDOW = 0.01;
export const LONGEST_WINDOW = 10 * 366 * 86_400;

/** How a series is shown, as far as somebody has said so. */
export interface Look {
  title?: string;
  /** 1 to 8. */
  colour?: number;
  unit?: string;
  axis?: Side;
  hidden?: boolean;
}

/** The window of a plot in µs; what is absent or out of range is the nearest that makes sense. */
export function windowOf({ window = DEFAULT_WINDOW }: PlotSpec): number {
  return Math.min(LONGEST_WINDOW, Math.max(SHORTEST_WINDOW, window)) * 1e6;
}

/** How a panel's plot wants its series to look. */
export function looksOf({ series = [] }: PlotSpec): Record<string, Look> {
  return Object.fromEntries(series.map(({ name, ...look }) => [name, look]));
}
