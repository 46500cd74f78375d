// AxisRange: from where to where an axis goes. It follows the values in round steps, so that a live plot does not tremble.
import type { PlotAxis } from "seriald";

/** Both ends of an axis. */
export interface Range {
  min: number;
  max: number;
}

// Values may take so little of the axis before it becomes shorter.
const LEAST_USED = 0.45;
const MARGIN = 0.06;

export class AxisRange {
  #range: Range = { min: 0, max: 1 };

  /** The range for values from `low` to `high`, which are NaN where there are none. What is fixed stays fixed. */
  fit(low: number, high: number, fixed: PlotAxis = {}): Range {
    const { min, max } = this.#range;
    const used = (high - low) / (max - min);
    const fits = low >= min && high <= max && used >= LEAST_USED;
    if (low <= high && !fits) this.#range = rounded(low, high);
    return withFixed(this.#range, fixed);
  }
}

/** A range in round numbers around values. */
export function rounded(low: number, high: number): Range {
  const span = high - low || Math.abs(high) * 0.1 || 1;
  const unit = 10 ** Math.floor(Math.log10(span));
  const step = span / unit < 2 ? unit / 5 : span / unit < 5 ? unit / 2 : unit;
  const snap = (value: number, way: (value: number) => number) => {
    // What is a whole number of steps but for rounding is that number.
    const steps = way(Number((value / step).toPrecision(12)));
    return Number((steps * step).toPrecision(12));
  };
  return { min: snap(low - span * MARGIN, Math.floor), max: snap(high + span * MARGIN, Math.ceil) };
}

function withFixed(range: Range, { min = range.min, max = range.max }: PlotAxis): Range {
  if (min < max) return { min, max };
  // One end was fixed beyond all values.
  const span = range.max - range.min;
  return max === range.max ? { min, max: min + span } : { min: max - span, max };
}
