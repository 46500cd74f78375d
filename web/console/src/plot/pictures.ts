// Pictures: the kinds of a plot, each from its values to axes and curves.
import type { PlotAxis } from "seriald";
import type { TimeSpan } from "../history/time-axis.ts";
import { AxisRange } from "./axis-range.ts";
import { type Curve, pointsBetween } from "./curve.ts";
import { histogramsOf } from "./histogram.ts";
import type { AxisPicture, Picture } from "./picture.ts";
import type { Side } from "./plot-spec.ts";
import type { RawReadings } from "./raw-readings.ts";
import { type ShownSeries, unitOf } from "./shown-series.ts";
import { spectrumOf } from "./spectrum.ts";
import type { StepGrid } from "./step-grid.ts";

/** The ends of the y axes that somebody fixed. */
export interface FixedAxes {
  left?: PlotAxis | undefined;
  right?: PlotAxis | undefined;
}

const NONE = new Float64Array(0);
const NO_ROWS = { times: NONE, offsets: NONE, values: [] as Float64Array[] };

type Look = Pick<Curve, "series" | "side" | "colour" | "dash">;

/** Makes pictures, and remembers where their axes were. */
export class Pictures {
  #ranges = { x: new AxisRange(), left: new AxisRange(), right: new AxisRange() };

  /** Values over time. */
  time(
    grid: StepGrid | null,
    span: TimeSpan,
    series: readonly ShownSeries[],
    fixed: FixedAxes,
  ): Picture {
    const x = (index: number) => (grid ? grid.timeOf(index) : 0);
    const curves = series.flatMap((each): Curve[] => {
      const column = grid?.columns[each.number];
      return grid && column
        ? [{ ...look(each), ...column, style: "line", size: grid.size, x }]
        : [];
    });
    return {
      isTime: true,
      x: { min: span.from, max: span.to, unit: "" },
      ...this.#sides(curves, series, fixed, span),
      curves,
    };
  }

  /** One series over another, from readings that have both. The first series is x. */
  xy(
    raw: RawReadings | null,
    span: TimeSpan,
    series: readonly ShownSeries[],
    fixed: FixedAxes,
  ): Picture {
    const [across, ...others] = series;
    let [low, high] = [Number.NaN, Number.NaN];
    const curves = others.map((each): Curve => {
      const numbers = [(across as ShownSeries).number, each.number];
      const { values, offsets } = raw?.rows(numbers, span) ?? NO_ROWS;
      const [xs = NONE, ys = NONE] = values;
      [low, high] = extent(xs, 0, xs.length, low, high);
      return {
        ...look(each),
        style: "dots",
        size: xs.length,
        x: (index) => xs[index] as number,
        low: ys,
        high: ys,
        lowAt: offsets,
        highAt: offsets,
      };
    });
    return {
      isTime: false,
      x: { ...this.#ranges.x.fit(low, high), unit: across?.unit || (across?.title ?? "") },
      ...this.#sides(curves, others, fixed, null),
      curves,
    };
  }

  /** How often which values come. */
  histogram(raw: RawReadings | null, span: TimeSpan, series: readonly ShownSeries[]): Picture {
    const bins = histogramsOf(series.map((each) => valuesOf(raw, each, span).values));
    const curves = (bins ?? []).map(({ from, step, counts }, at): Curve => {
      // Each bin has two corners, and at the ends the outline goes down to nothing.
      const heights = new Float64Array(2 * counts.length + 2);
      for (const [bin, count] of counts.entries()) heights.fill(count, 2 * bin + 1, 2 * bin + 3);
      return {
        ...look(series[at] as ShownSeries),
        side: "left",
        style: "bars",
        size: heights.length,
        x: (corner) => from + step * Math.floor(corner / 2),
        low: heights,
        high: heights,
      };
    });
    const [first] = bins ?? [];
    const end = first ? first.from + first.step * first.counts.length : 1;
    const units = new Set(series.map(({ unit }) => unit));
    return {
      isTime: false,
      x: { min: first?.from ?? 0, max: end, unit: units.size === 1 ? (series[0]?.unit ?? "") : "" },
      left: this.#fromZero(curves, ""),
      right: null,
      curves,
    };
  }

  /** How strong which frequencies are. */
  spectrum(raw: RawReadings | null, span: TimeSpan, series: readonly ShownSeries[]): Picture {
    let highest = 0;
    const curves = series.flatMap((each): Curve[] => {
      const { times, values } = valuesOf(raw, each, span);
      const spectrum = spectrumOf(times, values);
      if (!spectrum) return [];
      const { step, amplitudes } = spectrum;
      highest = Math.max(highest, step * amplitudes.length);
      return [
        {
          ...look(each),
          side: "left",
          style: "line",
          size: amplitudes.length,
          x: (index) => index * step,
          low: amplitudes,
          high: amplitudes,
        },
      ];
    });
    return {
      isTime: false,
      x: { min: 0, max: highest || 1, unit: "Hz" },
      left: this.#fromZero(curves, unitOf(series, "left")),
      right: null,
      curves,
    };
  }

  #sides(
    curves: readonly Curve[],
    series: readonly ShownSeries[],
    fixed: FixedAxes,
    span: TimeSpan | null,
  ): Pick<Picture, "left" | "right"> {
    const axis = (side: Side): AxisPicture | null => {
      if (!series.some((each) => each.side === side)) return null;
      let [low, high] = [Number.NaN, Number.NaN];
      for (const curve of curves) {
        if (curve.side !== side) continue;
        const [first, end] = span ? pointsBetween(curve, span.from, span.to) : [0, curve.size];
        [low, high] = extent(curve.low, first, end, low, high);
        [low, high] = extent(curve.high, first, end, low, high);
      }
      return { ...this.#ranges[side].fit(low, high, fixed[side]), unit: unitOf(series, side) };
    };
    const right = axis("right");
    // A plot without a left axis has no grid.
    return { left: axis("left") ?? (right ? null : { min: 0, max: 1, unit: "" }), right };
  }

  #fromZero(curves: readonly Curve[], unit: string): AxisPicture {
    let high = 0;
    for (const curve of curves) [, high] = extent(curve.high, 0, curve.size, 0, high);
    return { min: 0, max: this.#ranges.left.fit(0, high || 1).max, unit };
  }
}

function look({ number, side, colour, dash }: ShownSeries): Look {
  return { series: number, side, colour, dash };
}

function valuesOf(raw: RawReadings | null, { number }: ShownSeries, span: TimeSpan) {
  const { times, values } = raw?.rows([number], span) ?? NO_ROWS;
  return { times, values: values[0] ?? NONE };
}

// The lowest and the highest of some values and of two that were found before.
function extent(
  values: Float64Array,
  first: number,
  end: number,
  low: number,
  high: number,
): [number, number] {
  for (let at = first; at < end; at++) {
    const value = values[at] as number;
    if (!(value >= low)) low = Number.isNaN(value) ? low : value;
    if (!(value <= high)) high = Number.isNaN(value) ? high : value;
  }
  return [low, high];
}
