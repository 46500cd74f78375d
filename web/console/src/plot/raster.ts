// Raster: lines put into pixels column by column. A browser's own strokes take longer the more often a line crosses
// itself, which is what noise does; this takes as long for a thousand spikes as for none.
import type { Pen } from "./pen.ts";

export class Raster implements Pen {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  #words: Uint32Array;
  // Of the line that is drawn: what it covers of each column.
  #top: Float32Array;
  #bottom: Float32Array;
  #x = 0;
  #y = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8ClampedArray(width * height * 4);
    this.#words = new Uint32Array(this.pixels.buffer);
    this.#top = new Float32Array(width).fill(Number.POSITIVE_INFINITY);
    this.#bottom = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
  }

  clear(): void {
    this.#words.fill(0);
  }

  move(x: number, y: number): void {
    this.#x = x;
    this.#y = y;
    this.#cover(Math.floor(x), y, y);
  }

  line(x: number, y: number): void {
    const [fromX, fromY] = [this.#x, this.#y];
    this.#x = x;
    this.#y = y;
    const first = Math.max(0, Math.floor(Math.min(fromX, x)));
    const last = Math.min(this.width - 1, Math.floor(Math.max(fromX, x)));
    if (first === last || fromX === x) return this.#cover(first, fromY, y);
    const slope = (y - fromY) / (x - fromX);
    const [left, right] = fromX < x ? [fromX, x] : [x, fromX];
    for (let column = first; column <= last; column++) {
      const enter = fromY + (Math.max(left, column) - fromX) * slope;
      const leave = fromY + (Math.min(right, column + 1) - fromX) * slope;
      this.#cover(column, enter, leave);
    }
  }

  /** Puts what was drawn since the last time into the pixels, so many pixels thick; a dash leaves columns out. */
  ink([red, green, blue]: readonly [number, number, number], thickness: number, dash = 0): void {
    const word = 0xff000000 | (blue << 16) | (green << 8) | red;
    const period = dash > 0 ? 4 + 4 * dash : 0;
    for (let column = 0; column < this.width; column++) {
      const top = (this.#top[column] as number) - thickness / 2;
      const bottom = (this.#bottom[column] as number) + thickness / 2;
      this.#top[column] = Number.POSITIVE_INFINITY;
      this.#bottom[column] = Number.NEGATIVE_INFINITY;
      if (!(bottom > 0 && top < this.height)) continue;
      if (period > 0 && column % period >= period - 3) continue;
      this.#fill(column, Math.max(0, top), Math.min(this.height, bottom), word >>> 0);
    }
  }

  /** Puts a square into the pixels. */
  dot(
    x: number,
    y: number,
    [red, green, blue]: readonly [number, number, number],
    size: number,
  ): void {
    const word = (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
    const [left, top] = [Math.round(x - size / 2), Math.round(y - size / 2)];
    if (!(left >= 0 && left + size <= this.width && top >= 0 && top + size <= this.height)) return;
    for (let row = top; row < top + size; row++) {
      const at = row * this.width + left;
      this.#words.fill(word, at, at + size);
    }
  }

  #cover(column: number, a: number, b: number): void {
    if (column < 0 || column >= this.width) return;
    const [top, bottom] = a < b ? [a, b] : [b, a];
    if (top < (this.#top[column] as number)) this.#top[column] = top;
    if (bottom > (this.#bottom[column] as number)) this.#bottom[column] = bottom;
  }

  #fill(column: number, top: number, bottom: number, word: number): void {
    const [first, last] = [Math.ceil(top), Math.floor(bottom)];
    // A pixel that is covered in part is as strong as that part.
    if (first > last) return this.#blend(column, last, word, bottom - top);
    if (first > top) this.#blend(column, first - 1, word, first - top);
    for (let row = first, at = first * this.width + column; row < last; row++, at += this.width)
      this.#words[at] = word;
    if (last < bottom) this.#blend(column, last, word, bottom - last);
  }

  #blend(column: number, row: number, word: number, share: number): void {
    const at = row * this.width + column;
    const under = this.#words[at] as number;
    const alpha = Math.round(share * 255);
    if (under >>> 24 === 0) {
      this.#words[at] = ((word & 0xffffff) | (alpha << 24)) >>> 0;
      return;
    }
    const place = at * 4;
    for (let part = 0; part < 3; part++) {
      const over = (word >>> (8 * part)) & 0xff;
      const below = this.pixels[place + part] as number;
      this.pixels[place + part] = below + (over - below) * share;
    }
    this.pixels[place + 3] = Math.max(alpha, this.pixels[place + 3] as number);
  }
}
