// Grid: where the widgets of a panel stand, in 12 columns and as many rows as it takes.

export const COLUMNS = 12;
/** The last row that anything may reach. */
export const ROWS = 1000;

/** Column, row, width and height. */
export type At = [column: number, row: number, width: number, height: number];

interface Standing {
  id: string;
  at: At;
}

/** A place within the grid, as near as can be to one that may not be. */
export function within([column, row, width, height]: At): At {
  const w = Math.max(1, Math.min(COLUMNS, Math.round(width)));
  const h = Math.max(1, Math.min(ROWS, Math.round(height)));
  return [
    Math.max(0, Math.min(COLUMNS - w, Math.round(column))),
    Math.max(0, Math.min(ROWS - h, Math.round(row))),
    w,
    h,
  ];
}

/** Whether two places have a field in common. */
export function overlap([c1, r1, w1, h1]: At, [c2, r2, w2, h2]: At): boolean {
  return c1 < c2 + w2 && c2 < c1 + w1 && r1 < r2 + h2 && r2 < r1 + h1;
}

/** From top to bottom, and from left to right: the order of reading, and of a phone. */
export function inOrder<T extends { at: At }>(widgets: readonly T[]): T[] {
  return [...widgets].sort((a, b) => a.at[1] - b.at[1] || a.at[0] - b.at[0]);
}

/** Puts one widget somewhere; those that stand there make room downwards. */
export function moved<T extends Standing>(widgets: readonly T[], id: string, to: At): T[] {
  const settled = new Map<string, At>([[id, within(to)]]);
  for (const { id: other, at } of inOrder(widgets)) {
    if (other === id) continue;
    let place = at;
    const below = () => [...settled.values()].filter((taken) => overlap(taken, place));
    for (let taken = below(); taken.length > 0; taken = below()) {
      const row = Math.max(...taken.map(([, top, , height]) => top + height));
      place = [place[0], row, place[2], place[3]];
    }
    settled.set(other, place);
  }
  return widgets.map((widget) => ({ ...widget, at: settled.get(widget.id) ?? widget.at }));
}

/** The first place where something of that size fits. */
export function free(widgets: readonly { at: At }[], width: number, height: number): At {
  const end = rows(widgets);
  for (let row = 0; row < end; row++)
    for (let column = 0; column + width <= COLUMNS; column++) {
      const at: At = [column, row, width, height];
      if (!widgets.some((widget) => overlap(widget.at, at))) return at;
    }
  return [0, end, width, height];
}

/** How many rows a panel has. */
export function rows(widgets: readonly { at: At }[]): number {
  return Math.max(0, ...widgets.map(({ at: [, row, , height] }) => row + height));
}
