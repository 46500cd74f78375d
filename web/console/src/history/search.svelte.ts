// Search: what is looked for in recordings, what was found so far, and how far it has come.
import type { Match, SearchAnswer } from "./answers.ts";
import * as api from "./api.ts";
import { groupHits } from "./hit-picture.ts";
import { EMPTY_FORM, questionOf, type SearchForm } from "./search-form.ts";

/** Matches that are kept on the page. */
const MOST = 5000;
// Drawing each match by itself would be slower than finding them.
const DRAW_MS = 60;

/** Asks the server. */
export type Asking = (question: api.Parameters, signal: AbortSignal) => AsyncIterable<SearchAnswer>;

export class Search {
  form: SearchForm = $state({ ...EMPTY_FORM });
  hits: Match[] = $state.raw([]);
  searching = $state(false);
  /** What was searched, as a share; null before that is known. */
  progress: number | null = $state(null);
  error: string | null = $state(null);
  /** Whether something was looked for, and all of it was found or the page is full. */
  done = $state(false);
  #more: string | null = $state(null);
  #question: api.Parameters | null = null;
  #asking: AbortController | null = null;
  readonly #ask: Asking;

  constructor(ask: Asking = api.search) {
    this.#ask = ask;
  }

  readonly groups = $derived(groupHits(this.hits));

  /** Whether there is more to be found. */
  get hasMore(): boolean {
    return this.#more !== null && this.hits.length < MOST;
  }

  /** Whether the page has as many matches as it keeps, and there are more. */
  get isFull(): boolean {
    return this.#more !== null && this.hits.length >= MOST;
  }

  /** Looks for what the form says, from the beginning. */
  run(port: string, now: number): void {
    this.stop();
    this.hits = [];
    this.error = null;
    this.progress = null;
    this.done = false;
    this.#more = null;
    this.#question = null;
    if (this.form.text === "") return;
    this.#question = questionOf(this.form, port, now);
    void this.#find(this.#question);
  }

  /** Goes on behind what was found. */
  goOn(): void {
    if (!this.#question || this.#more === null || this.searching) return;
    void this.#find({ ...this.#question, more: this.#more });
  }

  /** Looks no further. */
  stop = (): void => {
    this.#asking?.abort();
    this.#asking = null;
    this.searching = false;
  };

  async #find(question: api.Parameters): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.searching = true;
    this.error = null;
    const found = [...this.hits];
    let ended = false;
    let drawn = performance.now();
    try {
      for await (const answer of this.#ask(question, asking.signal)) {
        if (this.#asking !== asking) return;
        if (answer.type === "match") found.push(answer);
        else if (answer.type === "progress") {
          this.progress = answer.of > 0 ? Math.min(1, answer.searched / answer.of) : null;
        } else {
          ended = true;
          this.#more = answer.more;
        }
        const isFirst = this.hits.length === 0;
        if (found.length === this.hits.length) continue;
        if (!isFirst && performance.now() - drawn < DRAW_MS) continue;
        drawn = performance.now();
        this.hits = [...found];
      }
      if (!ended) throw new Error("The answer broke off.");
    } catch (error) {
      if (this.#asking === asking)
        this.error = error instanceof Error ? error.message : String(error);
    }
    if (this.#asking !== asking) return;
    this.#asking = null;
    this.hits = found;
    this.searching = false;
    this.done = this.error === null;
  }
}
