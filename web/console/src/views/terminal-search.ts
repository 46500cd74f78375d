// TerminalSearch: finds text in a terminal; loaded when somebody first looks for something.
import { SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";
import type { Query } from "./pattern.ts";
import { markedOf, tokensOf } from "./terminal-theme.ts";

export class TerminalSearch {
  #addon = new SearchAddon({ highlightLimit: 1000 });
  #element: HTMLElement;

  constructor(
    terminal: Terminal,
    element: HTMLElement,
    onfound: (index: number, count: number) => void,
  ) {
    this.#element = element;
    terminal.loadAddon(this.#addon);
    this.#addon.onDidChangeResults(({ resultIndex, resultCount }) =>
      onfound(resultIndex, resultCount),
    );
  }

  /** Looks for a text and shows its next place; the empty text takes the marks away. */
  find({ text, matchCase }: Query, forward: boolean, incremental: boolean): void {
    if (text === "") return this.#addon.clearDecorations();
    const decorations = markedOf(tokensOf(this.#element));
    const options = { caseSensitive: matchCase, decorations, incremental };
    if (forward) this.#addon.findNext(text, options);
    else this.#addon.findPrevious(text, options);
  }
}
