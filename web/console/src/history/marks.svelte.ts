// MarkList: the marks of a port, as new as the port's state.
import type { Port } from "seriald";
import type { Mark } from "./answers.ts";
import * as api from "./api.ts";
import { Refresher } from "./refresher.ts";

const EVERY_MS = 3000;

export class MarkList {
  readonly #name: string;
  /** Oldest first; null until they were told. */
  all: Mark[] | null = $state.raw(null);
  error: string | null = $state(null);
  #refresher: Refresher;

  constructor(name: string) {
    this.#name = name;
    this.#refresher = new Refresher((signal) => this.#load(signal), EVERY_MS);
  }

  /** Keeps up with the port until the answer is called. */
  follow(port: Port): () => void {
    let head = -1;
    const refresher = new Refresher((signal) => this.#load(signal), EVERY_MS);
    this.#refresher = refresher;
    const stop = port.watch((state) => {
      if (!state || state.journal.head === head) return;
      head = state.journal.head;
      refresher.changed();
    });
    return () => {
      stop();
      refresher.close();
    };
  }

  /** Asks at once, because a mark was set. */
  refresh(): void {
    this.#refresher.now();
  }

  async #load(signal: AbortSignal): Promise<void> {
    try {
      this.all = await api.marks(this.#name, signal);
      this.error = null;
    } catch (error) {
      if (!signal.aborted) this.error = error instanceof Error ? error.message : String(error);
    }
  }
}

const lists = new Map<string, MarkList>();

/** The marks of a port: the same list for all who show it. */
export function marksOf(port: string): MarkList {
  const list = lists.get(port) ?? new MarkList(port);
  lists.set(port, list);
  return list;
}
