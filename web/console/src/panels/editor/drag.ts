// Drag: where a widget comes to stand that is moved or resized by a pointer or by keys.
import { type At, within } from "../grid.ts";

/** What is done with a widget. */
export type Pull = "move" | "resize";

/** The size of a field of the grid with its gap, in pixels. */
export interface Cell {
  width: number;
  height: number;
}

/** The place of a widget that was pulled by so many pixels. */
export function pulled(
  [column, row, width, height]: At,
  pull: Pull,
  dx: number,
  dy: number,
  cell: Cell,
): At {
  const columns = Math.round(dx / cell.width);
  const rows = Math.round(dy / cell.height);
  if (pull === "move") return within([column + columns, row + rows, width, height]);
  return within([column, row, Math.max(1, Math.min(12 - column, width + columns)), height + rows]);
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The place of a widget after a key; null where the key does not move it. With Shift an arrow resizes. */
export function stepped(at: At, key: string, shift: boolean): At | null {
  const step = STEPS[key];
  return step
    ? pulled(at, shift ? "resize" : "move", step[0], step[1], { width: 1, height: 1 })
    : null;
}

const EDGE = 32;
const FASTEST = 12;

/** How many pixels a frame the grid scrolls for a pointer at `y` that has something in hand, between the ends of what is seen. */
export function scrollSpeed(y: number, top: number, bottom: number): number {
  const above = Math.max(0, top + EDGE - y);
  const below = Math.max(0, y - (bottom - EDGE));
  return Math.sign(below - above) * Math.min(FASTEST, Math.ceil(Math.max(above, below) / 3));
}
