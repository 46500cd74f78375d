// Pen: what lines are drawn with, on a canvas, into pixels or into a file.

/** Places are in pixels. */
export interface Pen {
  /** Begins a line. */
  move(x: number, y: number): void;
  /** Goes on to a place. */
  line(x: number, y: number): void;
}
