// HexSearch: what is looked for among the bytes of a port, and where it was found last.
import { findBytes, readNeedle } from "./hex.ts";
import type { Found } from "./hex-picture.ts";
import { EMPTY, type Query } from "./pattern.ts";
import type { PortStore } from "./port-store.ts";

export class HexSearch {
  query: Query = $state.raw(EMPTY);
  /** The bytes that were found last. */
  found: Found | null = $state.raw(null);
  #store: PortStore;

  constructor(store: PortStore) {
    this.#store = store;
  }

  /** Where the search stands, in words. */
  get result(): string {
    if (this.query.text === "") return "";
    return this.found ? `at ${this.found.from.toString(16)}` : "none";
  }

  /** Looks for something else, from the place one looks at; answers its offset. */
  look(query: Query): number | null {
    this.query = query;
    this.found = null;
    return this.step(true);
  }

  /** Goes to the next place or the one before, round the ends; answers its offset. */
  step(forward: boolean): number | null {
    if (this.query.text === "") return null;
    const { log, following, anchor } = this.#store;
    const needle = readNeedle(this.query.text);
    const here = following ? log.firstShown : anchor;
    const from = this.found ? this.found.from + (forward ? 1 : 0) : here;
    const at =
      findBytes(log, needle, from, forward) ??
      findBytes(log, needle, forward ? 0 : log.head, forward);
    this.found = at === null ? null : { from: at, to: at + needle.length };
    return at;
  }
}
