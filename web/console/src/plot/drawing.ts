// Drawing: puts a plot's pictures on the page, at most one each time that the browser draws, and only while somebody can see it.
import { onVisible } from "./on-visible.ts";
import type { Picture } from "./picture.ts";
import { PlotCanvas } from "./plot-canvas.ts";
import type { PlotModel } from "./plot-model.svelte.ts";
import { onTheme } from "./theme-inks.ts";

/** Whoever wants less motion sees a live plot move so often. */
const CALM_MS = 1000;

export class Drawing {
  readonly canvas: PlotCanvas;
  readonly #model: PlotModel;
  readonly #drawn: (picture: Picture) => void;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #ends: (() => void)[];
  #picture: Picture | null = null;
  #frame = 0;
  #isVisible = false;
  #movedAt = Number.NEGATIVE_INFINITY;

  /** `drawn` is called after each picture. */
  constructor(host: HTMLElement, model: PlotModel, drawn: (picture: Picture) => void) {
    this.canvas = new PlotCanvas(host);
    this.#model = model;
    this.#drawn = drawn;
    this.#ends = [
      onVisible(host, (visible) => {
        this.#isVisible = visible;
        this.#plan();
      }),
      onTheme(() => {
        this.canvas.restyle();
        model.redraw();
      }),
    ];
  }

  /** What is on the page. */
  get picture(): Picture | null {
    return this.#picture;
  }

  resize(width: number, height: number): void {
    this.canvas.resize(width, height);
    this.#model.resize(width);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    for (const end of this.#ends) end();
    this.canvas.close();
  }

  #plan(): void {
    cancelAnimationFrame(this.#frame);
    if (this.#isVisible) this.#frame = requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now: number): void {
    this.#plan();
    if (!this.#isDue(now)) return;
    this.#movedAt = now;
    this.#picture = this.#model.picture();
    this.canvas.draw(this.#picture);
    this.#drawn(this.#picture);
  }

  // Time itself is something new as soon as it is a pixel.
  #isDue(now: number): boolean {
    if (!this.#model.time.live) return this.#model.isDirty;
    if (this.#calm.matches && this.#picture) return now - this.#movedAt >= CALM_MS;
    if (this.#model.isDirty) return true;
    const pixel =
      this.#model.time.length / 1000 / Math.max(1, this.canvas.area.width) / devicePixelRatio;
    return now - this.#movedAt >= pixel;
  }
}
