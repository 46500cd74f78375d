// PanelFiles: the files of panels that this page has read, each in the version that the server lists now.
import { type Client, type Panel, type PanelListing, SerialdError } from "seriald";

/** A panel as far as it is here. */
export type Loaded =
  | { state: "loading" }
  | { state: "read"; panel: Panel; version: string }
  | { state: "failed"; problem: string };

interface Kept {
  /** The version that was listed when it was asked for. */
  listed: string;
  loaded: Loaded;
}

export class PanelFiles {
  readonly #client: Client;
  #kept: ReadonlyMap<string, Kept> = $state.raw(new Map());

  constructor(client: Client) {
    this.#client = client;
  }

  /** What is here of a panel. */
  get(name: string): Loaded {
    return this.#kept.get(name)?.loaded ?? { state: "loading" };
  }

  /** Reads a panel, unless this version of it is here; until then the one before stays. */
  async read({ name, version }: Pick<PanelListing, "name" | "version">): Promise<void> {
    const before = this.#kept.get(name);
    if (before?.listed === version && before.loaded.state !== "failed") return;
    this.#keep(name, { listed: version, loaded: before?.loaded ?? { state: "loading" } });
    const loaded = await this.#load(name);
    if (this.#kept.get(name)?.listed === version) this.#keep(name, { listed: version, loaded });
  }

  async #load(name: string): Promise<Loaded> {
    try {
      return { state: "read", ...(await this.#client.panel(name).get()) };
    } catch (error) {
      const problem = error instanceof SerialdError ? error.message : String(error);
      return { state: "failed", problem };
    }
  }

  #keep(name: string, kept: Kept): void {
    this.#kept = new Map(this.#kept).set(name, kept);
  }
}
