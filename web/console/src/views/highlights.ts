// Highlights: the places of a pattern in the rows in view. Expressions are run by the worker and drawn when found.
import type { Matcher } from "./matcher.ts";
import { compile, type Pattern, rangesIn } from "./pattern.ts";

const NONE: readonly number[] = [];
const MOST_KEPT = 2000;

export class Highlights {
  #pattern: Pattern | null = null;
  #expression: RegExp | null = null;
  #found = new Map<string, readonly number[]>();
  #wanted = new Set<string>();
  #asking = false;

  /** `found` is called when places were found that were not known when they were asked for. */
  constructor(
    readonly matcher: Matcher,
    readonly found: () => void,
  ) {}

  get pattern(): Pattern | null {
    return this.#pattern;
  }

  set pattern(pattern: Pattern | null) {
    this.#pattern = pattern;
    this.#expression = pattern?.literal ? compile(pattern) : null;
    this.#found.clear();
    this.#wanted.clear();
  }

  /** Where the text has the pattern, as far as that is known by now. */
  in(text: string): readonly number[] {
    if (!this.#pattern) return NONE;
    if (this.#expression) return rangesIn(this.#expression, text);
    const known = this.#found.get(text);
    if (known) return known;
    this.#wanted.add(text);
    queueMicrotask(() => void this.#ask());
    return NONE;
  }

  async #ask(): Promise<void> {
    const pattern = this.#pattern;
    if (this.#asking || !pattern || this.#wanted.size === 0) return;
    this.#asking = true;
    const texts = [...this.#wanted];
    this.#wanted.clear();
    if (this.#found.size > MOST_KEPT) this.#found.clear();
    let places: number[][] = [];
    try {
      places = await this.matcher.ranges(pattern, texts);
    } catch {
      // An expression that takes too long marks nothing; the search says why.
      places = [];
    }
    this.#asking = false;
    if (pattern === this.#pattern) {
      texts.forEach((text, i) => {
        this.#found.set(text, places[i] ?? NONE);
      });
      this.found();
    }
    void this.#ask();
  }
}
