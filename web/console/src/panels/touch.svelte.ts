// Touch: what became of the last use of a control, as it is shown on it.
import type { UseValue } from "seriald";

const SHOWN_MS = 1500;

export class Touch {
  readonly #use: (value?: UseValue) => Promise<unknown>;
  #turn = 0;
  state: "rest" | "sending" | "sent" | "refused" = $state("rest");
  /** Why it was refused. */
  reason: string | null = $state(null);

  constructor(use: (value?: UseValue) => Promise<unknown>) {
    this.#use = use;
  }

  /** Uses the control; answers whether that did what it is for. */
  async send(value?: UseValue): Promise<boolean> {
    const turn = ++this.#turn;
    this.state = "sending";
    this.reason = null;
    try {
      await this.#use(value);
      this.#tell(turn, "sent");
      setTimeout(() => this.#tell(turn, "rest"), SHOWN_MS);
      return true;
    } catch (error) {
      if (turn === this.#turn) this.reason = error instanceof Error ? error.message : String(error);
      this.#tell(turn, "refused");
      return false;
    }
  }

  // What a later use became is not overwritten by an earlier one.
  #tell(turn: number, state: Touch["state"]): void {
    if (turn === this.#turn) this.state = state;
  }
}
