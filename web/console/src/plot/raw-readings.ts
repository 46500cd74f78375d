// RawReadings: the readings of a stretch one by one, as far as they are kept: the newest 65536.
import type { Parser, Readings, Subscription } from "seriald";
import type { TimeSpan } from "../history/time-axis.ts";
import type { FoundSeries } from "./found-series.ts";
import type { Source } from "./plot-feed.ts";

export const MOST_READINGS = 65_536;
/** Each takes memory for all readings. */
const MOST_COLUMNS = 32;

export class RawReadings {
  readonly #found: FoundSeries;
  readonly #changed: () => void;
  #subscription: Subscription | null = null;
  #numbers: number[] = [];
  #times = new Float64Array(MOST_READINGS);
  #offsets = new Float64Array(MOST_READINGS);
  #columns = new Map<number, Float64Array>();
  #taken = 0;

  /** `changed` is called when there are others. */
  constructor(found: FoundSeries, changed: () => void) {
    this.#found = found;
    this.#changed = changed;
  }

  /** How many readings there are. */
  get count(): number {
    return Math.min(this.#taken, MOST_READINGS);
  }

  /** Whether more came than are kept. */
  get isCut(): boolean {
    return this.#taken > MOST_READINGS;
  }

  /** Reads a stretch; without an end it goes on with what comes. */
  load(source: Source, parser: Parser, { from, to }: { from: number; to: number | null }): void {
    this.close();
    this.#subscription = source.subscribeValues(
      { from: { time: from }, ...(to === null ? {} : { to: { time: to } }), parser },
      {
        series: ({ number, name, unit }) => {
          this.#numbers[number] = this.#found.add(name, unit);
        },
        readings: (batch) => this.#take(batch),
      },
    );
  }

  /** Reads no more and forgets what it has. */
  close(): void {
    this.#subscription?.close();
    this.#subscription = null;
    this.#numbers = [];
    this.#columns.clear();
    this.#taken = 0;
  }

  /** The readings between two times that have a value of every one of these series: the times, and the values of each. */
  rows(
    series: readonly number[],
    { from, to }: TimeSpan,
  ): { times: Float64Array; offsets: Float64Array; values: Float64Array[] } {
    const columns = series.map((number) => this.#columns.get(number));
    const places: number[] = [];
    const begin = this.#taken - this.count;
    if (columns.every((column) => column !== undefined)) {
      for (let number = begin; number < this.#taken; number++) {
        const at = number % MOST_READINGS;
        const time = this.#times[at] as number;
        if (time < from || time > to) continue;
        if (columns.every((column) => Number.isFinite(column[at]))) places.push(at);
      }
    }
    const pick = (column: Float64Array | undefined) =>
      Float64Array.from(places, (at) => column?.[at] ?? Number.NaN);
    return { times: pick(this.#times), offsets: pick(this.#offsets), values: columns.map(pick) };
  }

  #take({ length, time, offset, first, series, value }: Readings): void {
    for (let reading = 0; reading < length; reading++) {
      const at = this.#taken++ % MOST_READINGS;
      this.#times[at] = time[reading] as number;
      this.#offsets[at] = offset[reading] as number;
      for (const column of this.#columns.values()) column[at] = Number.NaN;
      for (let of = first[reading] as number; of < (first[reading + 1] as number); of++) {
        const column = this.#column(this.#numbers[series[of] as number] ?? -1);
        if (column) column[at] = value[of] as number;
      }
    }
    this.#changed();
  }

  #column(series: number): Float64Array | undefined {
    const known = this.#columns.get(series);
    if (known || series < 0 || this.#columns.size >= MOST_COLUMNS) return known;
    const column = new Float64Array(MOST_READINGS).fill(Number.NaN);
    this.#columns.set(series, column);
    return column;
  }
}
