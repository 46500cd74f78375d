// Cursor: what a plot's values are at a time, and which value is nearest to a place.
import type { TimeSpan } from "../history/time-axis.ts";
import { mappingOf, type Picture } from "./picture.ts";
import type { ShownSeries } from "./shown-series.ts";
import type { StepGrid } from "./step-grid.ts";

/** What a series has at a time: the lowest and the highest value of the step, or the one before it. */
export interface ValueAt {
  low: number;
  high: number;
}

/** The values of a series at a time; null where it has none. */
export function valueAt(grid: StepGrid, series: number, time: number): ValueAt | null {
  const column = grid.columns[series];
  if (!column) return null;
  let at = Math.min(grid.size - 1, grid.indexOf(time));
  // The last that was known holds until there is another, or a break.
  while (at >= 0 && Number.isNaN(column.low[at])) {
    if (column.broken[at]) return null;
    at--;
  }
  return at < 0 ? null : { low: column.low[at] as number, high: column.high[at] as number };
}

/** A point of a curve. */
export interface Point {
  series: number;
  /** The offset of its line. */
  offset: number;
  x: number;
  y: number;
}

// So far from a point, in pixels, it is still meant.
const REACH = 24;

/** The point of a picture that is nearest to a place in an area, if it is near; places are in pixels. */
export function nearestPoint(
  picture: Picture,
  place: { x: number; y: number },
  { width, height }: { width: number; height: number },
): Point | null {
  let nearest: Point | null = null;
  let least = REACH;
  for (const curve of picture.curves) {
    const axis = picture[curve.side];
    if (!axis || !curve.lowAt || !curve.highAt) continue;
    const map = mappingOf(picture.x, axis, width, height);
    for (let at = 0; at < curve.size; at++) {
      if (Number.isNaN(curve.low[at])) continue;
      const x = curve.x(at) * map.xScale + map.xShift;
      if (Math.abs(x - place.x) > least) continue;
      for (const [values, offsets] of [
        [curve.low, curve.lowAt],
        [curve.high, curve.highAt],
      ] as const) {
        const y = (values[at] as number) * map.yScale + map.yShift;
        const distance = Math.hypot(x - place.x, y - place.y);
        if (distance >= least) continue;
        least = distance;
        nearest = { series: curve.series, offset: offsets[at] as number, x, y };
      }
    }
  }
  return nearest;
}

/** The lowest and the highest value of a series in a stretch; null where there are none. */
export function extremes(grid: StepGrid, series: number, { from, to }: TimeSpan): ValueAt | null {
  const column = grid.columns[series];
  if (!column) return null;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const end = Math.min(grid.size - 1, grid.indexOf(to));
  for (let at = Math.max(0, grid.indexOf(from)); at <= end; at++) {
    if ((column.low[at] as number) < low) low = column.low[at] as number;
    if ((column.high[at] as number) > high) high = column.high[at] as number;
  }
  return low <= high ? { low, high } : null;
}

/** The time of the value before or behind another time, for keys; null where there is none. */
export function nextTime(
  grid: StepGrid,
  series: readonly Pick<ShownSeries, "number">[],
  time: number,
  forward: boolean,
): number | null {
  const by = forward ? 1 : -1;
  const start = Math.min(grid.size, Math.max(-1, grid.indexOf(time)));
  for (let at = start + by; at >= 0 && at < grid.size; at += by) {
    const has = ({ number }: Pick<ShownSeries, "number">) =>
      !Number.isNaN(grid.columns[number]?.low[at] ?? Number.NaN);
    if (series.some(has)) return grid.timeOf(at);
  }
  return null;
}
