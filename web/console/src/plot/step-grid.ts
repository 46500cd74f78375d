// StepGrid: a stretch of time cut into steps, with the lowest and the highest value of each series in each step.
// It takes any number of readings in the same memory, and no spike gets lost in it.

/** Values of one series by step; NaN where a step has none. */
export interface Column {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The offsets of the lines that gave them. */
  readonly lowAt: Float64Array;
  readonly highAt: Float64Array;
  /** 1 where what is before is not connected with what follows. */
  readonly broken: Uint8Array;
}

/** A reading that only moves the axis may come from a clock that jumped: no grid follows further than this many of itself. */
const FURTHEST = 1000;

export class StepGrid {
  /** The length of a step in µs, a whole number. */
  readonly step: number;
  /** How many steps there are. */
  readonly size: number;
  readonly columns: (Column | undefined)[] = [];
  #first: number;
  readonly #ahead: number;

  /** Covers at least the time from `from` to `to` (µs) with about so many steps; and so many `ahead`, so that it need not move with each. */
  constructor(from: number, to: number, steps: number, ahead = 0) {
    this.step = Math.max(1, Math.ceil((to - from) / steps));
    this.#first = Math.floor(from / this.step);
    this.#ahead = ahead;
    this.size = Math.ceil(to / this.step) - this.#first + 1 + ahead;
  }

  get from(): number {
    return this.#first * this.step;
  }

  get to(): number {
    return (this.#first + this.size) * this.step;
  }

  /** The middle of a step, in µs. */
  timeOf(index: number): number {
    return (this.#first + index + 0.5) * this.step;
  }

  /** The step that a time falls into; below 0 or at least `size` where it is none of these. */
  indexOf(time: number): number {
    return Math.floor(time / this.step) - this.#first;
  }

  /** Takes a value; one that is not finite breaks the line. What is older than the grid is left out, what is newer moves it. */
  fold(series: number, time: number, offset: number, value: number): void {
    let at = this.indexOf(time);
    if (at >= this.size) {
      this.slide(time);
      at = this.indexOf(time);
    }
    if (at < 0 || at >= this.size) return;
    const column = this.#column(series);
    if (!Number.isFinite(value)) {
      column.broken[at] = 1;
      return;
    }
    // NaN is neither above nor below.
    if (!((column.low[at] as number) <= value)) {
      column.low[at] = value;
      column.lowAt[at] = offset;
    }
    if (!((column.high[at] as number) >= value)) {
      column.high[at] = value;
      column.highAt[at] = offset;
    }
  }

  /** What is before a time is not connected with what follows, in every series. */
  breakAt(time: number): void {
    const at = this.indexOf(time);
    if (at < 0 || at >= this.size) return;
    for (const column of this.columns) if (column) column.broken[at] = 1;
  }

  /** Moves on so that a time is in it; what falls out at the beginning is forgotten. */
  slide(time: number): void {
    const beyond = this.indexOf(time) - this.size + 1;
    if (beyond <= 0 || beyond > FURTHEST * this.size) return;
    const by = beyond + this.#ahead;
    this.#first += by;
    const kept = Math.max(0, this.size - by);
    for (const column of this.columns) {
      if (!column) continue;
      for (const values of [column.low, column.high, column.lowAt, column.highAt]) {
        values.copyWithin(0, by);
        values.fill(Number.NaN, kept);
      }
      column.broken.copyWithin(0, by);
      column.broken.fill(0, kept);
    }
  }

  /** The same again, for keeping. */
  copy(): StepGrid {
    const copy = new StepGrid(this.from, this.to - this.step, this.size - 1);
    for (const [series, column] of this.columns.entries()) {
      if (!column) continue;
      const { low, high, lowAt, highAt, broken } = column;
      copy.columns[series] = {
        low: low.slice(),
        high: high.slice(),
        lowAt: lowAt.slice(),
        highAt: highAt.slice(),
        broken: broken.slice(),
      };
    }
    return copy;
  }

  #column(series: number): Column {
    const known = this.columns[series];
    if (known) return known;
    const none = () => new Float64Array(this.size).fill(Number.NaN);
    const column: Column = {
      low: none(),
      high: none(),
      lowAt: none(),
      highAt: none(),
      broken: new Uint8Array(this.size),
    };
    this.columns[series] = column;
    return column;
  }
}
