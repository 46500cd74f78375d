// Stable props: what a part of the page is given as one object, told apart again: who reads one is not run because another changed.

class Cell {
  readonly #read: () => unknown;
  // A derived value that is the same as before runs nobody.
  readonly value = $derived.by(() => this.#read());

  constructor(read: () => unknown) {
    this.#read = read;
  }
}

/** The props of an object whose keys stay. */
export function stableProps<P extends Record<string, unknown>>(given: () => P): P {
  const props = {};
  for (const key of Object.keys(given())) {
    const cell = new Cell(() => given()[key]);
    Object.defineProperty(props, key, { enumerable: true, get: () => cell.value });
  }
  return props as P;
}
