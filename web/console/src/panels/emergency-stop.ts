// EmergencyStop: the stop of a port's panel. Its file is read before anybody presses it, so that nothing has to be loaded then.
import type { PanelListing, Port, StopWidget } from "seriald";
import { say } from "../ui/toasts.svelte.ts";
import type { PanelFiles } from "./panel-files.svelte.ts";

/** What a stop did, for the person who pressed it. */
export function toldOfStop(title: string, port: string): string {
  return `Stopped: macros on ${port} were ended, what waited was thrown away, and “${title}” was sent.`;
}

export class EmergencyStop {
  readonly #port: Port;
  readonly #files: PanelFiles;
  /** The panel that has it. */
  readonly listing: PanelListing;

  constructor(port: Port, files: PanelFiles, listing: PanelListing) {
    this.#port = port;
    this.#files = files;
    this.listing = listing;
  }

  /** What it says. */
  get title(): string {
    return this.#widget?.title || "Stop";
  }

  get #widget(): StopWidget | undefined {
    const loaded = this.#files.get(this.listing.name);
    if (loaded.state !== "read") return undefined;
    return loaded.panel.widgets.find((widget) => widget.type === "stop");
  }

  /** Reads the panel's file, unless it is here. */
  prepare(): Promise<void> {
    return this.#files.read(this.listing);
  }

  /** Stops at once; whoever presses again while the first is under way stops again. */
  press = async (): Promise<void> => {
    const { name } = this.#port;
    const widget = this.#widget;
    try {
      if (widget) await this.#port.use(this.listing.name, widget.id);
      else await this.#port.halt();
      const unsent = `Stopped: macros on ${name} were ended and what waited was thrown away; nothing was sent, because the panel is not here.`;
      say(widget ? toldOfStop(this.title, name) : unsent, !widget);
    } catch (error) {
      say(`Not stopped: ${error instanceof Error ? error.message : String(error)}`, true);
    }
  };
}
