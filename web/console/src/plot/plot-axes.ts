// PlotAxes: the axes of a plot, which uPlot draws around the area of the curves.
import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import { tickFigures, tickTimes } from "./figures.ts";
import type { Picture } from "./picture.ts";
import type { Side } from "./plot-spec.ts";
import type { Inks } from "./theme-inks.ts";

/** A tick of an axis: its place in pixels of the page from the left or top of the area, and its text. */
export interface Tick {
  at: number;
  text: string;
}

export type AxisName = "x" | Side;

/** Where the curves are, in pixels. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

const FONT = "11px system-ui, sans-serif";
// Axes grow and shrink by so much, so that a longer number does not move everything.
const AXIS_ROOM = 12;
const EDGE = 24;

export class PlotAxes {
  readonly #plot: uPlot;
  readonly #inks: Inks;
  #ticks: Record<AxisName, Tick[]> = { x: [], left: [], right: [] };
  #units: Record<AxisName, string> = { x: "", left: "", right: "" };

  /** Axes of the shape that a picture has, with `curves` in the area between them. */
  constructor(host: HTMLElement, size: Size, inks: Inks, picture: Picture, curves: HTMLElement) {
    this.#inks = inks;
    this.#plot = new uPlot(
      this.#options(size, picture),
      [
        [0, 1],
        [null, null],
        [null, null],
      ],
      host,
    );
    this.#plot.over.append(curves);
  }

  /** What of a picture its axes are made for; another shape needs others. */
  static shapeOf({ isTime, left, right }: Picture): string {
    return [isTime, left !== null, right !== null].join();
  }

  /** How many pixels of the screen are one of the page. */
  get ratio(): number {
    return uPlot.pxRatio;
  }

  /** The area between them, in pixels of the screen. */
  get area(): Area {
    return this.#plot.bbox;
  }

  get canvas(): HTMLCanvasElement {
    return this.#plot.ctx.canvas;
  }

  /** The ticks of an axis as they are drawn. */
  ticks(axis: AxisName): readonly Tick[] {
    return this.#ticks[axis];
  }

  resize(size: Size): void {
    this.#plot.setSize(size);
  }

  draw({ isTime, x, left, right }: Picture): void {
    this.#units = { x: x.unit, left: left?.unit ?? "", right: right?.unit ?? "" };
    this.#plot.batch(() => {
      const scale = isTime ? 1e-3 : 1;
      this.#plot.setScale("x", { min: x.min * scale, max: x.max * scale });
      if (left) this.#plot.setScale("left", { min: left.min, max: left.max });
      if (right) this.#plot.setScale("right", { min: right.min, max: right.max });
    });
  }

  close(): void {
    this.#plot.destroy();
  }

  #options(size: Size, { isTime, left, right }: Picture): uPlot.Options {
    const range = (_: uPlot, min: number, max: number): [number, number] => [min, max];
    const silent = { show: true, paths: () => null, points: { show: false } };
    return {
      ...size,
      ms: 1,
      legend: { show: false },
      cursor: { show: false },
      // Labels of the x axis reach beyond its ends.
      padding: [10, right ? 0 : EDGE, 0, left ? 0 : EDGE],
      scales: {
        x: { time: isTime, auto: false, range },
        left: { auto: false, range },
        right: { auto: false, range },
      },
      series: [{}, { ...silent, scale: "left" }, { ...silent, scale: "right" }],
      axes: [
        // Grids of two y axes would cross each other.
        this.#axis("x", true, isTime),
        ...(left ? [this.#axis("left", true)] : []),
        ...(right ? [this.#axis("right", left === null)] : []),
      ],
    };
  }

  #axis(name: AxisName, hasGrid: boolean, isTime = false): uPlot.Axis {
    const { muted, line } = this.#inks;
    const isX = name === "x";
    return {
      scale: name,
      side: { x: 2, left: 3, right: 1 }[name] as uPlot.Axis.Side,
      stroke: muted,
      font: FONT,
      grid: { show: hasGrid, stroke: line, width: 1 },
      ticks: { stroke: line, width: 1, size: 5 },
      gap: 4,
      space: isX ? 64 : 36,
      size: isX ? 30 : (_, texts) => roomFor(texts ?? []),
      // What goes across is often a series, whose name is long.
      ...(isX && !isTime
        ? { label: () => this.#units.x, labelSize: 18, labelFont: FONT, labelGap: -4 }
        : {}),
      values: (axes, splits, _, __, step) => {
        const texts = isTime ? tickTimes(splits, step) : tickFigures(splits, step);
        const unit = this.#units[name];
        const last = texts.length - 1;
        if (!isX && unit && last >= 0) texts[last] = `${texts[last]} ${unit}`;
        this.#ticks[name] = splits.map((split, at) => ({
          at: axes.valToPos(split, name, true) / this.ratio,
          text: texts[at] as string,
        }));
        return texts;
      },
    };
  }
}

function roomFor(texts: readonly (string | number)[]): number {
  const longest = Math.max(3, ...texts.map((text) => String(text ?? "").length));
  return Math.ceil((longest * 6.2 + 14) / AXIS_ROOM) * AXIS_ROOM;
}
