// Listing: what the server lists, asked for again after each change.

export class Listing<T> {
  readonly #ask: () => Promise<readonly T[]>;
  /** Null: the server has not told yet. */
  entries: readonly T[] | null = $state.raw(null);
  /** Why the latest question or change was refused. */
  problem: string | null = $state(null);

  constructor(ask: () => Promise<readonly T[]>) {
    this.#ask = ask;
  }

  /** Asks for all of it. */
  refresh(): Promise<boolean> {
    return this.#try(async () => {
      this.entries = await this.#ask();
    });
  }

  /** Changes something, and asks what there is then; answers whether both were done. */
  async change(change: () => Promise<void>): Promise<boolean> {
    return (await this.#try(change)) && (await this.refresh());
  }

  async #try(task: () => Promise<void>): Promise<boolean> {
    this.problem = null;
    try {
      await task();
      return true;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      return false;
    }
  }
}
