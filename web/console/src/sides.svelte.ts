// Sides: whether the list of ports and the settings of a port are open. Beside the page that is remembered; on a phone they lie over it.
import { preferences } from "./model/preferences.svelte.ts";
import { narrow } from "./ui/screen-size.ts";

export class Sides {
  // Open over the page.
  #over: "list" | "settings" | null = $state(null);

  /** Whether the list of ports is open. */
  get list(): boolean {
    return narrow.current ? this.#over === "list" : preferences.list;
  }

  /** Whether the settings are open. */
  get settings(): boolean {
    return narrow.current ? this.#over === "settings" : preferences.settings;
  }

  toggleList = (): void => this.#toggle("list");
  toggleSettings = (): void => this.#toggle("settings");

  /** Closes what lies over the page. */
  uncover = (): void => {
    this.#over = null;
  };

  #toggle(side: "list" | "settings"): void {
    if (narrow.current) this.#over = this.#over === side ? null : side;
    else preferences[side] = !preferences[side];
  }
}
