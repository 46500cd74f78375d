// PanelFile: a panel that is kept on the server, under a name.
import { SerialdError } from "./error.ts";
import { type Panel, parsePanel } from "./panel.ts";
import type { Rest } from "./rest.ts";

/** A panel and the version that it has on the server. */
export interface KeptPanel {
  panel: Panel;
  version: string;
}

export interface PutOptions {
  /** Refuses with `changed` what was changed since this version; null: what is there already. Absent: whatever is there. */
  version?: string | null | undefined;
}

/** A panel on the server, there or not. */
export class PanelFile {
  readonly name: string;
  readonly #rest: Rest;

  /** Made by `Client.panel`. */
  constructor(rest: Rest, name: string) {
    this.#rest = rest;
    this.name = name;
  }

  /** The panel and its version. Rejects with `unknown-panel` where there is none, `bad-panel` where its file cannot be read. */
  async get(): Promise<KeptPanel> {
    const response = await this.#rest.ask(this.#path);
    const panel = parsePanel(await response.json().catch(() => null));
    if (!panel) throw new SerialdError("bad-panel", `the file of the panel ${this.name} is none`);
    return { panel, version: versionOf(response) };
  }

  /** Keeps a panel. Resolves with its new version. */
  async put(panel: Panel, { version }: PutOptions = {}): Promise<string> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (version === null) headers["if-none-match"] = "*";
    else if (version !== undefined) headers["if-match"] = `"${version}"`;
    // Whoever opens the file in an editor reads it, too.
    const body = `${JSON.stringify(panel, null, 2)}\n`;
    return versionOf(await this.#rest.ask(this.#path, { method: "PUT", headers, body }));
  }

  async delete(): Promise<void> {
    await this.#rest.ask(this.#path, { method: "DELETE" });
  }

  get #path(): string {
    return `panels/${encodeURIComponent(this.name)}`;
  }
}

function versionOf(response: Response): string {
  return (response.headers.get("etag") ?? "").replace(/^(?:W\/)?"(.*)"$/, "$1");
}
