// PlotSheet: a plot as it is taken away: the picture with a title above and a legend below; where everything stands.
import type { Picture } from "./picture.ts";
import type { Area, AxisName, Tick } from "./plot-axes.ts";
import type { ShownSeries } from "./shown-series.ts";
import type { Inks } from "./theme-inks.ts";

/** What is taken away. Sizes are in pixels of the page. */
export interface PlotSheet {
  title: string;
  /** Of the picture, axes included. */
  width: number;
  height: number;
  area: Area;
  picture: Picture;
  ticks: Record<AxisName, readonly Tick[]>;
  series: readonly ShownSeries[];
  inks: Inks;
}

export interface LegendEntry {
  series: ShownSeries;
  text: string;
  x: number;
  y: number;
}

export const TITLE_HEIGHT = 30;
export const MARGIN = 12;
export const SWATCH = 16;
const ROW = 20;
const LONGEST = 40;
// About as wide as letters of 12 px are.
const LETTER = 6.8;

/** Where the legend's entries stand below the picture, and the height of the whole sheet. */
export function layOut({ width, height, series }: PlotSheet): {
  entries: LegendEntry[];
  height: number;
} {
  let [x, y] = [MARGIN, TITLE_HEIGHT + height + ROW / 2];
  const entries = series.map((each) => {
    const name = each.title.length > LONGEST ? `${each.title.slice(0, LONGEST)}…` : each.title;
    const text = each.unit ? `${name} (${each.unit})` : name;
    const room = SWATCH + 6 + text.length * LETTER + 18;
    if (x + room > width && x > MARGIN) {
      x = MARGIN;
      y += ROW;
    }
    const entry = { series: each, text, x, y };
    x += room;
    return entry;
  });
  return { entries, height: y + ROW / 2 + 4 };
}
