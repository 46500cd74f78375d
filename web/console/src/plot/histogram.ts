// Histogram: how many values lie where.
import { rounded } from "./axis-range.ts";

export interface Histogram {
  /** Where the first bin begins, and how wide each is. */
  from: number;
  step: number;
  counts: Float64Array;
}

const FEWEST_BINS = 8;
const MOST_BINS = 120;

/** Bins that all series share; null where there are no values. */
export function histogramsOf(series: readonly Float64Array[]): Histogram[] | null {
  let [low, high, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const values of series) {
    most = Math.max(most, values.length);
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return null;
  const { min, max } = rounded(low, high);
  const bins = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.ceil(2 * Math.cbrt(most))));
  const step = (max - min) / bins;
  return series.map((values) => {
    const counts = new Float64Array(bins);
    for (const value of values) {
      const bin = Math.min(bins - 1, Math.floor((value - min) / step));
      (counts[bin] as number) += 1;
    }
    return { from: min, step, counts };
  });
}
