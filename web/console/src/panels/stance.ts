// Stance: what a control shows that can be moved by hand and follows a value of the device too.

// The device needs a moment to obey; until then its old value would make the control jump back.
const PATIENCE_MS = 1500;

export class Stance<T> {
  #own: { value: T; until: number } | null = null;

  /** Somebody holds it at a value. */
  hold(value: T): void {
    this.#own = { value, until: Number.POSITIVE_INFINITY };
  }

  /** It was let go at a value, which is on its way to the device. */
  release(value: T, now: number): void {
    this.#own = { value, until: now + PATIENCE_MS };
  }

  /** The device was not told: it stands where it stood. */
  drop(): void {
    this.#own = null;
  }

  /** What it shows: its own value until the device has it too; without one of the device's, the last of its own. */
  shown(followed: T | undefined, now: number): T | undefined {
    const own = this.#own;
    if (!own) return followed;
    if (followed === undefined) return own.value;
    if (now >= own.until || (followed === own.value && own.until < Number.POSITIVE_INFINITY)) {
      this.#own = null;
      return followed;
    }
    return own.value;
  }
}
