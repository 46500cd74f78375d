// Events: typed listeners; one that throws disturbs neither the others nor the library.
import { guard } from "./error.ts";

type Listener = (...args: never[]) => void;

/** Listeners by event name; `L` maps each name to the function that it calls. */
export class Events<L extends { [K in keyof L]: Listener }> {
  readonly #listeners: { [K in keyof L]?: Set<{ call: L[K] }> } = {};

  /** Adds a listener; the answer removes it. */
  on<K extends keyof L>(event: K, call: L[K]): () => void {
    const listeners = this.#listeners[event] ?? new Set();
    this.#listeners[event] = listeners;
    const entry = { call };
    listeners.add(entry);
    return () => listeners.delete(entry);
  }

  emit<K extends keyof L>(event: K, ...args: Parameters<L[K]>): void {
    for (const { call } of [...(this.#listeners[event] ?? [])]) {
      guard(() => call(...args));
    }
  }
}
