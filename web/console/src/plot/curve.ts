// Curve: one series as it is drawn: points, each with its lowest and highest value, and how they become lines.
import type { Pen } from "./pen.ts";
import type { Side } from "./plot-spec.ts";

export interface Curve {
  /** Its series. */
  readonly series: number;
  readonly side: Side;
  /** 1 to 8. */
  readonly colour: number;
  /** Series that share a colour have other dashes. */
  readonly dash: number;
  readonly style: "line" | "dots" | "bars";
  /** How many points there are. */
  readonly size: number;
  /** Where a point is; ascending, except for dots. */
  readonly x: (index: number) => number;
  /** NaN where a point is none. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly broken?: Uint8Array;
  /** Which of the two came first; unknown where it is absent. */
  readonly lowAt?: Float64Array;
  readonly highAt?: Float64Array;
}

/** Values to pixels: `value * scale + shift`. */
export interface Mapping {
  readonly xScale: number;
  readonly xShift: number;
  readonly yScale: number;
  readonly yShift: number;
}

/** The points between two of its own, widened by one to each side, so that lines reach the edges. */
export function pointsBetween(curve: Curve, from: number, to: number): [number, number] {
  let first = search(curve, from);
  let last = search(curve, to);
  while (first > 0 && Number.isNaN(curve.low[--first])) {}
  while (last < curve.size && Number.isNaN(curve.low[last])) last++;
  return [first, Math.min(curve.size, last + 1)];
}

// The first point that is not before x.
function search(curve: Curve, x: number): number {
  let low = 0;
  let high = curve.size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (curve.x(middle) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Draws the points of a line from `first` up to `end`. */
export function traceLine(
  curve: Curve,
  { xScale, xShift, yScale, yShift }: Mapping,
  pen: Pen,
  first: number,
  end: number,
): void {
  const { low, high, broken, lowAt, highAt } = curve;
  let down = false;
  let before = 0;
  for (let at = first; at < end; at++) {
    if (broken?.[at]) down = false;
    const bottom = low[at] as number;
    if (Number.isNaN(bottom)) continue;
    const top = high[at] as number;
    const x = curve.x(at) * xScale + xShift;
    // What came first is drawn first; where that is unknown, what is nearer.
    const rises =
      lowAt && highAt
        ? (lowAt[at] as number) <= (highAt[at] as number)
        : Math.abs(before - bottom) <= Math.abs(before - top);
    const enter = (rises ? bottom : top) * yScale + yShift;
    const leave = (rises ? top : bottom) * yScale + yShift;
    if (down) pen.line(x, enter);
    else pen.move(x, enter);
    if (leave !== enter || !down) pen.line(x, leave);
    before = rises ? top : bottom;
    down = true;
  }
}

/** How many points from `first` up to `end` have a value. */
export function pointsIn({ low }: Curve, first: number, end: number): number {
  let points = 0;
  for (let at = first; at < end; at++) if (!Number.isNaN(low[at])) points++;
  return points;
}
