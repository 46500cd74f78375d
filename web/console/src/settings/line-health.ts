// What the driver's error counters mean for a person, and which of them are rising.
import type { LineErrors } from "seriald";

export type Counter = keyof LineErrors;

/** Every counter with its name and what to do about it. */
export const COUNTERS: readonly { counter: Counter; name: string; hint: string }[] = [
  { counter: "framing", name: "Framing", hint: "Is the baud rate right? Data and stop bits too?" },
  { counter: "parity", name: "Parity", hint: "Is the parity the same at both ends?" },
  {
    counter: "overrun",
    name: "Overrun",
    hint: "The hardware was faster than this machine. Try flow control.",
  },
  {
    counter: "buffer",
    name: "Buffer",
    hint: "The system's buffer ran over. Try flow control or a lower rate.",
  },
  {
    counter: "break",
    name: "Break",
    hint: "The line was held low: a BREAK, a reset, or no power at the far end.",
  },
];

const RISING_MS = 10_000;

/** Remembers when each counter last went up. */
export class LineHealth {
  #last: LineErrors | null = null;
  #rose = new Map<Counter, number>();

  /** Takes the counters as they are now; answers those that rose within the last ten seconds. */
  update(errors: LineErrors, now: number): Set<Counter> {
    for (const { counter } of COUNTERS) {
      if (this.#last && errors[counter] > this.#last[counter]) this.#rose.set(counter, now);
    }
    this.#last = errors;
    return new Set(
      COUNTERS.map(({ counter }) => counter).filter(
        (counter) => now - (this.#rose.get(counter) ?? Number.NEGATIVE_INFINITY) < RISING_MS,
      ),
    );
  }
}
