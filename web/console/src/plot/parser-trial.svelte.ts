// ParserTrial: what a way of finding values would find in the latest lines, while it is being written.
import type { Chart, Parser, Port } from "seriald";
import { problemText } from "./problem-text.ts";

/** What is tried out, in bytes from the newest back. */
const TRIED = 65_536;
const TRY_MS = 250;

export class ParserTrial {
  /** What was found last; null before that, and where the server refused the parser. */
  found: Chart | null = $state.raw(null);
  /** Why the server refused it. */
  refusal: string | null = $state(null);

  /** Tries parsers as long as the component lasts that makes it; null is none that could be tried. */
  constructor(port: Pick<Port, "chart">, parser: () => Parser | null) {
    $effect(() => {
      const tried = parser();
      if (tried === null) return;
      const asking = new AbortController();
      const timer = setTimeout(() => void this.#try(port, tried, asking.signal), TRY_MS);
      return () => {
        clearTimeout(timer);
        asking.abort();
      };
    });
  }

  async #try(port: Pick<Port, "chart">, parser: Parser, signal: AbortSignal): Promise<void> {
    try {
      this.found = await port.chart({ from: -TRIED, points: 1, parser, signal });
      this.refusal = null;
    } catch (error) {
      if (signal.aborted) return;
      this.found = null;
      this.refusal = problemText(error);
    }
  }
}
