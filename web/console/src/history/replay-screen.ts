// ReplayScreen: xterm.js as a screen alone: nobody types into it, and it says nothing.
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import { isShortcut } from "../palette/keys.ts";
import { copyText } from "../ui/clipboard.ts";
import { themeOf, tokensOf } from "../views/terminal-theme.ts";
import type { Screen } from "./replay-feed.ts";

const SCROLLBACK = 10_000;

export class ReplayScreen implements Screen {
  readonly #terminal: Terminal;
  #stops: (() => void)[] = [];

  constructor(element: HTMLElement, textSize: number) {
    const fit = new FitAddon();
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      cursorInactiveStyle: "outline",
      disableStdin: true,
      fontFamily: tokensOf(element)("--mono"),
      fontSize: textSize,
      minimumContrastRatio: 3,
      scrollback: SCROLLBACK,
      theme: themeOf(tokensOf(element)),
    });
    this.#terminal = terminal;
    terminal.loadAddon(fit);
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.open(element);
    // The replay's own keys are the page's; here one only copies.
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.type === "keydown" && isShortcut(event, "Ctrl+Shift+C")) {
        event.preventDefault();
        void copyText(terminal.getSelection());
      }
      return false;
    });
    if (terminal.textarea) terminal.textarea.tabIndex = -1;
    fit.fit();
    const sizes = new ResizeObserver(() => requestAnimationFrame(() => fit.fit()));
    sizes.observe(element);
    const themes = new MutationObserver(() => {
      terminal.options.theme = themeOf(tokensOf(element));
    });
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#stops.push(
      () => sizes.disconnect(),
      () => themes.disconnect(),
    );
  }

  get size(): { rows: number; cols: number } {
    return { rows: this.#terminal.rows, cols: this.#terminal.cols };
  }

  get column(): number | null {
    const { active } = this.#terminal.buffer;
    return active.type === "alternate" ? null : active.cursorX;
  }

  write(data: string | Uint8Array, done: () => void): void {
    this.#terminal.write(data, done);
  }

  reset(): void {
    this.#terminal.write("\u001bc");
  }

  setReturnOnFeed(on: boolean): void {
    if (this.#terminal.options.convertEol !== on) this.#terminal.options.convertEol = on;
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.#terminal.dispose();
  }
}
