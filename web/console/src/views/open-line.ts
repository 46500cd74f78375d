// OpenLine: a line that has begun and not ended, of one direction: all that decides which rows the next bytes make.

export class OpenLine {
  /** The number of its row; -Infinity between lines. */
  row = Number.NEGATIVE_INFINITY;
  offset = 0;
  /** Where the row is full. */
  full = 0;
  entry = 0;
  author = "";
  time = 0;
  /** The last byte was CR: an LF that follows belongs to it. */
  afterCR = false;
  continues = false;
  /** The number of the look that text of this direction has where the next row begins. */
  look = 0;
  /** The row has commands of a terminal, which may change it. */
  hasCommands = false;

  get isOpen(): boolean {
    return this.row !== Number.NEGATIVE_INFINITY;
  }

  /** The same, for rows whose numbers are higher by so many. */
  moved(by: number): OpenLine {
    return Object.assign(new OpenLine(), this, { row: this.row + by });
  }

  /** Whether all that comes makes the same rows of both. */
  agrees(other: OpenLine): boolean {
    if (this.afterCR !== other.afterCR || this.continues !== other.continues) return false;
    if (!this.isOpen || !other.isOpen) return this.isOpen === other.isOpen;
    const keys = ["row", "offset", "entry", "author", "time", "hasCommands"] as const;
    return keys.every((key) => this[key] === other[key]);
  }
}
