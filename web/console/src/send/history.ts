// Walking through what was sent before with the arrow keys, as a shell does.

// What the server keeps for each port.
const MOST = 200;

/** A port's send history and this person's place in it. */
export class SendHistory {
  #entries: string[] = [];
  #at = 0;
  #draft = "";

  /** Replaces the entries, oldest first, as the server knows them. */
  load(entries: readonly string[]): void {
    this.#entries = entries.slice(-MOST);
    this.rest();
  }

  /** Adds what was just sent; the same thing twice in a row stands once. */
  add(entry: string): void {
    if (entry && entry !== this.#entries.at(-1)) {
      this.#entries = [...this.#entries, entry].slice(-MOST);
    }
    this.rest();
  }

  /** Goes back to the end: the next step is from what is being typed. */
  rest(): void {
    this.#at = this.#entries.length;
  }

  /** The entry before, or null at the oldest. `typed` is kept as the draft to come back to. */
  older(typed: string): string | null {
    if (this.#at === 0) return null;
    if (this.#at === this.#entries.length) this.#draft = typed;
    this.#at--;
    return this.#entries[this.#at] ?? null;
  }

  /** The entry after, the draft behind the newest, or null where there is nothing newer. */
  newer(): string | null {
    if (this.#at >= this.#entries.length) return null;
    this.#at++;
    return this.#entries[this.#at] ?? this.#draft;
  }
}
