// PlotCanvas: puts a picture on the page: the curves, and the axes around them.
import { CurvesCanvas } from "./curves-canvas.ts";
import type { Picture } from "./picture.ts";
import { type Area, type AxisName, PlotAxes, type Size, type Tick } from "./plot-axes.ts";
import { type Inks, inksOf } from "./theme-inks.ts";

const NOWHERE: Area = { left: 0, top: 0, width: 0, height: 0 };

export class PlotCanvas {
  readonly #host: HTMLElement;
  readonly #curves = new CurvesCanvas();
  #axes: PlotAxes | null = null;
  #shape = "";
  #size: Size = { width: 0, height: 0 };
  #inks: Inks;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#inks = inksOf(host);
  }

  /** Where the curves are, in pixels of the page. */
  get area(): Area {
    if (!this.#axes) return NOWHERE;
    const { area, ratio } = this.#axes;
    const { left, top, width, height } = area;
    return { left: left / ratio, top: top / ratio, width: width / ratio, height: height / ratio };
  }

  get inks(): Inks {
    return this.#inks;
  }

  /** The ticks of an axis as they are drawn. */
  ticks(axis: AxisName): readonly Tick[] {
    return this.#axes?.ticks(axis) ?? [];
  }

  /** There is room for so many pixels of the page. */
  resize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    if (width > 0 && height > 0) this.#axes?.resize(this.#size);
  }

  /** Takes the colours of the theme anew. */
  restyle(): void {
    this.#inks = inksOf(this.#host);
    this.#shape = "";
  }

  draw(picture: Picture): void {
    if (this.#size.width <= 0 || this.#size.height <= 0) return;
    const axes = this.#axesFor(picture);
    axes.draw(picture);
    this.#curves.resize(axes.area.width, axes.area.height);
    this.#curves.draw(picture, this.#inks, axes.ratio);
  }

  /** Both canvases as one, at the resolution of the screen. */
  paintOn(context: CanvasRenderingContext2D, left: number, top: number): void {
    if (!this.#axes) return;
    const { canvas, area } = this.#axes;
    context.drawImage(canvas, left, top);
    context.drawImage(this.#curves.element, left + area.left, top + area.top);
  }

  close(): void {
    this.#axes?.close();
    this.#axes = null;
  }

  #axesFor(picture: Picture): PlotAxes {
    const shape = PlotAxes.shapeOf(picture);
    if (this.#axes && shape === this.#shape) return this.#axes;
    this.#axes?.close();
    this.#shape = shape;
    this.#axes = new PlotAxes(this.#host, this.#size, this.#inks, picture, this.#curves.element);
    return this.#axes;
  }
}
