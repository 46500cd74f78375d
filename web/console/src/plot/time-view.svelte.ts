// TimeView: which stretch of time a plot shows: the newest so much, or one that stands still.
import { shareOf, type TimeSpan, timeAt } from "../history/time-axis.ts";
import { LONGEST_WINDOW, SHORTEST_WINDOW } from "./plot-spec.ts";

/** The stretches that one can ask for by name, in seconds. */
export const WINDOWS = [
  { seconds: 10, text: "10 s" },
  { seconds: 60, text: "1 min" },
  { seconds: 600, text: "10 min" },
  { seconds: 3600, text: "1 hour" },
  { seconds: 86_400, text: "1 day" },
] as const;

export class TimeView {
  #now: () => number;
  /** What is shown while it stands still. */
  still: TimeSpan | null = $state.raw(null);
  /** How much is shown while it follows the present, in µs. */
  length: number = $state(60e6);
  /** It stands still because somebody wanted it to, not because they look at the past. */
  held = $state(false);

  /** `now` is the server's clock, in µs. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get live(): boolean {
    return this.still === null;
  }

  /** What is shown now. */
  get span(): TimeSpan {
    if (this.still) return this.still;
    const to = this.#now();
    return { from: to - this.length, to };
  }

  /** Shows the newest stretch of a length in µs. */
  follow(length = this.length): void {
    this.length = within(length);
    this.still = null;
    this.held = false;
  }

  /** Stands still where it is, or follows again. */
  toggleHold(): void {
    if (!this.live) return this.follow();
    this.still = this.span;
    this.held = true;
  }

  /** Shows a stretch. */
  show({ from, to }: TimeSpan): void {
    const length = within(to - from);
    const middle = (from + to) / 2;
    this.still = { from: middle - length / 2, to: middle + length / 2 };
    this.held = false;
  }

  /** Zooms about a time, which stays where it is; above 1 shows more. At the present it goes on following. */
  zoom(factor: number, about?: number): void {
    const { from, to } = this.span;
    const length = within((to - from) * factor);
    const now = this.#now();
    if (this.live && (about === undefined || shareOf(about, this.span) > 0.9)) {
      this.length = length;
      return;
    }
    const pivot = about ?? timeAt(0.5, this.span);
    const start = pivot - shareOf(pivot, this.span) * length;
    this.held = false;
    // A stretch that has the present at its right end is what following shows.
    if (start + length >= now && factor > 1) this.follow(length);
    else this.still = { from: start, to: start + length };
  }

  /** Moves by so many µs; whoever comes to the present follows it. */
  pan(by: number): void {
    const { from, to } = this.span;
    const length = to - from;
    if (to + by >= this.#now()) return this.follow(length);
    this.still = { from: from + by, to: to + by };
    this.held = false;
  }

  /** Moves so that a time is in the middle, unless it is in sight. */
  reveal(time: number): void {
    const { from, to } = this.span;
    if (time >= from && time <= to) {
      // What is looked at must not run away.
      this.still ??= { from, to };
      return;
    }
    this.pan(time - (from + to) / 2);
    if (this.live) this.still = this.span;
  }
}

function within(length: number): number {
  return Math.min(LONGEST_WINDOW * 1e6, Math.max(SHORTEST_WINDOW * 1e6, length));
}
