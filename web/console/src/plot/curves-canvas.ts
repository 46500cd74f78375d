// CurvesCanvas: the curves of a plot on a canvas of their own: few points as strokes of the browser, many as pixels of ours.
import { type Curve, type Mapping, pointsBetween, pointsIn, traceLine } from "./curve.ts";
import { DASHES } from "./dashes.ts";
import { type AxisPicture, mappingOf, type Picture } from "./picture.ts";
import { Raster } from "./raster.ts";
import type { Inks, Rgb } from "./theme-inks.ts";

/** More points than these are put into pixels by ourselves: strokes would take too long. */
const MOST_STROKED = 800;
/** Points that have so many pixels for themselves are shown as such. */
const ROOM_FOR_DOT = 9;
const LINE = 1.5;

export class CurvesCanvas {
  readonly element = document.createElement("canvas");
  readonly #context: CanvasRenderingContext2D;
  #raster = new Raster(1, 1);
  #image = new ImageData(1, 1);

  constructor() {
    // What is drawn by the processor is to stay in its memory.
    const context = this.element.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("This browser does not draw on a canvas.");
    this.#context = context;
    this.element.className = "curves";
  }

  /** Takes another size, in pixels of the screen. */
  resize(width: number, height: number): void {
    if (this.#raster.width === width && this.#raster.height === height) return;
    if (width < 1 || height < 1) return;
    this.#raster = new Raster(width, height);
    this.#image = new ImageData(this.#raster.pixels, width, height);
    this.element.width = width;
    this.element.height = height;
  }

  /** Draws the curves of a picture; `ratio` pixels of the screen are one of the page. */
  draw(picture: Picture, { series }: Inks, ratio: number): void {
    const raster = this.#raster;
    const shown = picture.curves.map((curve): InSight => {
      const { x } = picture;
      const isCloud = curve.style === "dots";
      const [first, end] = isCloud ? [0, curve.size] : pointsBetween(curve, x.min, x.max);
      const map = mappingOf(x, picture[curve.side] as AxisPicture, raster.width, raster.height);
      const ink = series[curve.colour - 1] as Rgb;
      return { curve, first, end, map, ink, points: pointsIn(curve, first, end) };
    });
    const points = shown.reduce((sum, { points }) => sum + points, 0);
    raster.clear();
    if (points > MOST_STROKED) {
      for (const curve of shown) this.#rasterize(curve, ratio);
      this.#context.putImageData(this.#image, 0, 0);
      return;
    }
    this.#context.clearRect(0, 0, raster.width, raster.height);
    for (const curve of shown) this.#stroke(curve, ratio);
  }

  #rasterize({ curve, first, end, map, ink }: InSight, ratio: number): void {
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

  #stroke(shown: InSight, ratio: number): void {
    const { curve, first, end, map, ink, points } = shown;
    const context = this.#context;
    context.strokeStyle = context.fillStyle = `rgb(${ink.join(" ")})`;
    if (curve.style !== "dots") {
      const path = new Path2D();
      const pen = {
        move: (x: number, y: number) => path.moveTo(x, y),
        line: (x: number, y: number) => path.lineTo(x, y),
      };
      traceLine(curve, map, pen, first, end);
      context.lineWidth = LINE * ratio;
      context.lineJoin = "round";
      context.setLineDash((DASHES[curve.dash % DASHES.length] ?? []).map((part) => part * ratio));
      context.stroke(path);
    }
    const hasRoom = points * ROOM_FOR_DOT * ratio <= this.#raster.width;
    if (curve.style === "dots" || (curve.style === "line" && hasRoom))
      context.fill(dotsOf(shown, 2.25 * ratio));
  }
}

/** The part of a curve that is drawn. */
interface InSight {
  curve: Curve;
  first: number;
  end: number;
  map: Mapping;
  ink: Rgb;
  /** How many there are. */
  points: number;
}

function dotsOf({ curve, first, end, map }: InSight, radius: number): Path2D {
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
  return dots;
}
