// Asking: something that a form asks of the server: under way, refused, and when it may be asked again.
import { Refusal } from "../model/ask.ts";

export class Asking {
  busy = $state(false);
  /** Why it was not done. */
  problem: string | null = $state(null);
  /** When the server takes it again, in milliseconds since the epoch. */
  #again = $state(0);

  /** `problem`: what is told before anything was asked. */
  constructor(problem: string | null = null) {
    this.problem = problem;
  }

  /** For how many seconds the server takes it no more. */
  wait(now: number): number {
    return Math.max(0, Math.ceil((this.#again - now) / 1000));
  }

  /** Asks; answers whether it was done. */
  async run(ask: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      await ask();
      return true;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      if (error instanceof Refusal) this.#again = Date.now() + error.retryAfter * 1000;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
