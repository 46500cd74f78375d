// RowSelection: the rows that are chosen, from the one where the choice began to the one it reaches.

export class RowSelection {
  #anchor: number | null = null;
  #cursor = 0;

  /** The chosen rows, both ends among them; null where none is. */
  get range(): { from: number; to: number; cursor: number } | null {
    if (this.#anchor === null) return null;
    return {
      from: Math.min(this.#anchor, this.#cursor),
      to: Math.max(this.#anchor, this.#cursor),
      cursor: this.#cursor,
    };
  }

  /** Chooses one row. */
  begin(row: number): void {
    this.#anchor = row;
    this.#cursor = row;
  }

  /** Chooses all rows from where the choice began. */
  extend(row: number): void {
    this.#anchor ??= row;
    this.#cursor = row;
  }

  /** Chooses nothing. */
  clear(): void {
    this.#anchor = null;
  }
}

/** Rows that a key moves by, in a view that so many fit in; null for other keys. */
export function movedBy(key: string, fits: number): number | null {
  if (key === "ArrowUp") return -1;
  if (key === "ArrowDown") return 1;
  const page = Math.max(2, Math.floor(fits) - 1);
  if (key === "PageUp") return -page;
  if (key === "PageDown" || key === " ") return page;
  return null;
}
