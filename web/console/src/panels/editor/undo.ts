// Undo: the states that something had, to go back to and forth again.

const MOST = 100;

export class Undo<T> {
  readonly #past: T[] = [];
  #future: T[] = [];
  #key: string | null = null;

  /** Remembers the state before a change. Changes of one key that follow each other are one: the letters of a word. */
  keep(before: T, key: string | null = null): void {
    this.#future = [];
    if (key !== null && key === this.#key) return;
    this.#key = key;
    this.#past.push(before);
    if (this.#past.length > MOST) this.#past.shift();
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** The state before the last change; the one that is now can be redone. */
  undo(now: T): T {
    return this.#step(this.#past, this.#future, now);
  }

  /** The state after the change that was undone last. */
  redo(now: T): T {
    return this.#step(this.#future, this.#past, now);
  }

  #step(from: T[], to: T[], now: T): T {
    this.#key = null;
    const next = from.pop();
    if (next === undefined) return now;
    to.push(now);
    return next;
  }
}
