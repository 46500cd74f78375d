// PlotCanvas: puts a picture on the page. uPlot draws the axes; the curves lie over them on a canvas of their own.
import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import { type Curve, type Mapping, pointsBetween, pointsIn, traceLine } from "./curve.ts";
import { DASHES } from "./dashes.ts";
import { tickFigures, tickTimes } from "./figures.ts";
import { type AxisPicture, mappingOf, type Picture } from "./picture.ts";
import type { Side } from "./plot-spec.ts";
import { Raster } from "./raster.ts";
import { type Inks, inksOf } from "./theme-inks.ts";

/** A tick of an axis: its place in pixels of the page from the left or top of the area, and its text. */
export interface Tick {
  at: number;
  text: string;
}

export type AxisName = "x" | Side;

/** Where the curves are, in pixels of the page. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** More points than these are put into pixels by ourselves: strokes would take too long. */
const MOST_STROKED = 800;
/** Points that have so many pixels for themselves are shown as such. */
const ROOM_FOR_DOT = 9;
const LINE = 1.5;
const FONT = "11px system-ui, sans-serif";
// Axes grow and shrink by so much, so that a longer number does not move everything.
const AXIS_ROOM = 12;
const EDGE = 24;

export class PlotCanvas {
  readonly #host: HTMLElement;
  readonly #curves = document.createElement("canvas");
  readonly #context: CanvasRenderingContext2D;
  #axes: uPlot | null = null;
  #shape = "";
  #size = { width: 0, height: 0 };
  #raster = new Raster(1, 1);
  #image = new ImageData(1, 1);
  #inks: Inks;
  #ticks: Record<AxisName, Tick[]> = { x: [], left: [], right: [] };
  #units: Record<AxisName, string> = { x: "", left: "", right: "" };

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#inks = inksOf(host);
    // What is drawn by the processor is to stay in its memory.
    const context = this.#curves.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("This browser does not draw on a canvas.");
    this.#context = context;
    this.#curves.className = "curves";
  }

  /** Where the curves are. */
  get area(): Area {
    const { bbox } = this.#axes ?? { bbox: { left: 0, top: 0, width: 0, height: 0 } };
    const ratio = uPlot.pxRatio;
    return {
      left: bbox.left / ratio,
      top: bbox.top / ratio,
      width: bbox.width / ratio,
      height: bbox.height / ratio,
    };
  }

  get inks(): Inks {
    return this.#inks;
  }

  /** The ticks of an axis as they are drawn. */
  ticks(axis: AxisName): readonly Tick[] {
    return this.#ticks[axis];
  }

  /** There is room for so many pixels of the page. */
  resize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    if (width > 0 && height > 0) this.#axes?.setSize(this.#size);
  }

  /** Takes the colours of the theme anew. */
  restyle(): void {
    this.#inks = inksOf(this.#host);
    this.#shape = "";
  }

  draw(picture: Picture): void {
    if (this.#size.width <= 0 || this.#size.height <= 0) return;
    const axes = this.#axesFor(picture);
    const { x, left, right } = picture;
    this.#units = { x: x.unit, left: left?.unit ?? "", right: right?.unit ?? "" };
    axes.batch(() => {
      const scale = picture.isTime ? 1e-3 : 1;
      axes.setScale("x", { min: x.min * scale, max: x.max * scale });
      if (left) axes.setScale("left", { min: left.min, max: left.max });
      if (right) axes.setScale("right", { min: right.min, max: right.max });
    });
    this.#fit(axes);
    this.#drawCurves(picture);
  }

  /** Both canvases as one, at the resolution of the screen. */
  paintOn(context: CanvasRenderingContext2D, left: number, top: number): void {
    const axes = this.#axes;
    if (!axes) return;
    context.drawImage(axes.ctx.canvas, left, top);
    context.drawImage(this.#curves, left + axes.bbox.left, top + axes.bbox.top);
  }

  close(): void {
    this.#axes?.destroy();
    this.#axes = null;
  }

  #axesFor(picture: Picture): uPlot {
    const shape = [picture.isTime, picture.left !== null, picture.right !== null].join();
    if (this.#axes && shape === this.#shape) return this.#axes;
    this.#axes?.destroy();
    this.#shape = shape;
    this.#axes = new uPlot(
      this.#options(picture),
      [
        [0, 1],
        [null, null],
        [null, null],
      ],
      this.#host,
    );
    this.#axes.over.append(this.#curves);
    return this.#axes;
  }

  #options({ isTime, left, right }: Picture): uPlot.Options {
    const range = (_: uPlot, min: number, max: number): [number, number] => [min, max];
    const silent = { show: true, paths: () => null, points: { show: false } };
    return {
      ...this.#size,
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
      space: isX ? 80 : 36,
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
        const ratio = uPlot.pxRatio;
        this.#ticks[name] = splits.map((split, at) => ({
          at: axes.valToPos(split, name, true) / ratio,
          text: texts[at] as string,
        }));
        return texts;
      },
    };
  }

  // The curves' canvas is as large as the area between the axes.
  #fit({ bbox: { width, height } }: uPlot): void {
    if (this.#raster.width === width && this.#raster.height === height) return;
    if (width < 1 || height < 1) return;
    this.#raster = new Raster(width, height);
    this.#image = new ImageData(this.#raster.pixels, width, height);
    this.#curves.width = width;
    this.#curves.height = height;
  }

  #drawCurves(picture: Picture): void {
    const context = this.#context;
    const raster = this.#raster;
    const shown = picture.curves.map((curve) => this.#inSight(curve, picture));
    const points = shown.reduce((sum, { points }) => sum + points, 0);
    raster.clear();
    if (points > MOST_STROKED) {
      for (const curve of shown) this.#rasterize(curve);
      context.putImageData(this.#image, 0, 0);
      return;
    }
    context.clearRect(0, 0, raster.width, raster.height);
    for (const curve of shown) this.#stroke(curve);
  }

  #inSight(curve: Curve, picture: Picture): InSight {
    const [first, end] =
      curve.style === "dots" ? [0, curve.size] : pointsBetween(curve, picture.x.min, picture.x.max);
    const axis = picture[curve.side] as AxisPicture;
    const map = mappingOf(picture.x, axis, this.#raster.width, this.#raster.height);
    return { curve, first, end, map, points: pointsIn(curve, first, end) };
  }

  #rasterize({ curve, first, end, map }: InSight): void {
    const ink = this.#inks.series[curve.colour - 1] as [number, number, number];
    const ratio = uPlot.pxRatio;
    const raster = this.#raster;
    if (curve.style === "dots") {
      for (let at = first; at < end; at++) {
        const y = (curve.low[at] as number) * map.yScale + map.yShift;
        raster.dot(curve.x(at) * map.xScale + map.xShift, y, ink, Math.round(2 * ratio));
      }
      return;
    }
    traceLine(curve, map, raster, first, end);
    raster.ink(ink, LINE * ratio, curve.dash);
  }

  #stroke({ curve, first, end, map, points }: InSight): void {
    const context = this.#context;
    const ratio = uPlot.pxRatio;
    const path = new Path2D();
    const ink = this.#inks.series[curve.colour - 1] as [number, number, number];
    context.strokeStyle = context.fillStyle = `rgb(${ink.join(" ")})`;
    context.lineWidth = LINE * ratio;
    context.lineJoin = "round";
    context.setLineDash((DASHES[curve.dash % DASHES.length] ?? []).map((part) => part * ratio));
    if (curve.style !== "dots") {
      const pen = {
        move: (x: number, y: number) => path.moveTo(x, y),
        line: (x: number, y: number) => path.lineTo(x, y),
      };
      traceLine(curve, map, pen, first, end);
      context.stroke(path);
    }
    context.setLineDash([]);
    if (curve.style === "line" && points * ROOM_FOR_DOT * ratio > this.#raster.width) return;
    if (curve.style === "bars") return;
    const radius = 2.25 * ratio;
    const dots = new Path2D();
    for (let at = first; at < end; at++) {
      if (Number.isNaN(curve.low[at])) continue;
      const x = curve.x(at) * map.xScale + map.xShift;
      for (const value of [curve.low[at] as number, curve.high[at] as number]) {
        const y = value * map.yScale + map.yShift;
        dots.moveTo(x + radius, y);
        dots.arc(x, y, radius, 0, 2 * Math.PI);
      }
    }
    context.fill(dots);
  }
}

interface InSight {
  curve: Curve;
  first: number;
  end: number;
  map: Mapping;
  points: number;
}

function roomFor(texts: readonly (string | number)[]): number {
  const longest = Math.max(3, ...texts.map((text) => String(text ?? "").length));
  return Math.ceil((longest * 6.2 + 14) / AXIS_ROOM) * AXIS_ROOM;
}
