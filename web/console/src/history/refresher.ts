// Refresher: asks again when something has changed, one question at a time and never more often than agreed.

/** Asks; the signal says that the answer is wanted no more. */
export type Ask = (signal: AbortSignal) => Promise<void>;

export class Refresher {
  readonly #ask: Ask;
  readonly #every: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #due = 0;
  #asking: AbortController | null = null;
  #last = Number.NEGATIVE_INFINITY;
  #again = false;
  #closed = false;

  /** `every`: the least time between two questions, in milliseconds. */
  constructor(ask: Ask, every: number) {
    this.#ask = ask;
    this.#every = every;
  }

  /** What is known is old: asks as soon as it is agreed. */
  changed(): void {
    if (this.#asking) this.#again = true;
    else this.#plan(Math.max(0, this.#last + this.#every - Date.now()));
  }

  /** What is known is of no use: asks after a short wait for more of the same, and drops a question under way. */
  now(wait = 0): void {
    this.#asking?.abort();
    this.#asking = null;
    this.#plan(wait);
  }

  /** Asks no more. */
  close(): void {
    this.#closed = true;
    this.#asking?.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #plan(wait: number): void {
    if (this.#closed) return;
    const due = Date.now() + wait;
    if (this.#timer !== null) {
      if (this.#due <= due) return;
      clearTimeout(this.#timer);
    }
    this.#due = due;
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  async #run(): Promise<void> {
    this.#timer = null;
    this.#again = false;
    this.#last = Date.now();
    const asking = new AbortController();
    this.#asking = asking;
    await this.#ask(asking.signal).catch(() => undefined);
    if (this.#asking !== asking) return;
    this.#asking = null;
    if (this.#again) this.changed();
  }
}
