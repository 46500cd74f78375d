// Picture: what is drawn at one moment: axes and curves.
import type { Curve, Mapping } from "./curve.ts";

export interface AxisPicture {
  min: number;
  max: number;
  /** Stands at the last tick; empty where there is none. */
  unit: string;
}

export interface Picture {
  /** The x axis is a time, in µs since the epoch. */
  isTime: boolean;
  x: AxisPicture;
  /** Null where no curve is on it. */
  left: AxisPicture | null;
  right: AxisPicture | null;
  /** The first one lies lowest. */
  curves: readonly Curve[];
}

/** Values to pixels of an area. */
export function mappingOf(x: AxisPicture, y: AxisPicture, width: number, height: number): Mapping {
  const xScale = width / (x.max - x.min);
  const yScale = -height / (y.max - y.min);
  return { xScale, xShift: -x.min * xScale, yScale, yShift: height - y.min * yScale };
}
