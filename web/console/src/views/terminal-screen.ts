// TerminalScreen: xterm.js in an element, with its addons, colours and keys.
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type IDisposable, Terminal } from "@xterm/xterm";
import { isShortcut } from "../palette/keys.ts";
import { sayFailure } from "../ui/toasts.svelte.ts";
import { isWebAddress } from "./escape-guard.ts";
import type { Query } from "./pattern.ts";
import { divideAnswers } from "./terminal-answers.ts";
import type { Screen } from "./terminal-feed.ts";
import type { TerminalPlace } from "./terminal-place.ts";
import type { TerminalSearch } from "./terminal-search.ts";
import { themeOf, tokensOf } from "./terminal-theme.ts";

const SCROLLBACK = 10_000;
// Keys that belong to the page; every other one goes to the device.
const OURS = ["Ctrl+Shift+P", "Ctrl+Shift+F", "Ctrl+Shift+C", "Ctrl+Shift+V"];

/** What a screen tells. */
export interface ScreenEvents {
  mayAnswer(): boolean;
  onanswer(data: string): void;
  ontype(data: string): void;
  onfocus(): void;
  oncopy(text: string): void;
  onfind(): void;
  onlink(address: string): void;
  /** It was scrolled, or has written. */
  onmove(): void;
  onsize(cols: number, rows: number): void;
  /** Which of how many places the search stands at; -1 of none. */
  onfound(index: number, count: number): void;
}

/** How a screen looks. */
export interface ScreenLook {
  textSize: number;
  wrap: boolean;
  screenReader: boolean;
}

export class TerminalScreen implements Screen {
  readonly terminal: Terminal;
  /** Marks are made at every piece: a replay is under way. */
  dense = true;
  #element: HTMLElement;
  #place: TerminalPlace;
  #fit = new FitAddon();
  #events: ScreenEvents;
  #search: Promise<TerminalSearch> | null = null;
  #webgl: IDisposable | null = null;
  #highlight: IDisposable | null = null;
  #stops: (() => void)[] = [];
  #wrap = true;
  #isGone = false;

  constructor(element: HTMLElement, place: TerminalPlace, events: ScreenEvents) {
    this.#element = element;
    this.#place = place;
    this.#events = events;
    const activate = (_: MouseEvent, address: string) => {
      if (isWebAddress(address)) events.onlink(address);
    };
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      cursorInactiveStyle: "outline",
      linkHandler: { activate, allowNonHttpProtocols: false },
      minimumContrastRatio: 3,
      overviewRuler: { width: 10 },
      scrollback: SCROLLBACK,
      fontFamily: tokensOf(element)("--mono"),
      theme: themeOf(tokensOf(element)),
    });
    const { terminal } = this;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(new Unicode11Addon());
    terminal.loadAddon(new WebLinksAddon(activate));
    terminal.unicode.activeVersion = "11";
    terminal.open(element);
    terminal.attachCustomKeyEventHandler((event) => this.#takeKey(event, events));
    divideAnswers(terminal, events.mayAnswer, events.onanswer, events.ontype);
    terminal.onScroll(events.onmove);
    terminal.onRender(events.onmove);
    terminal.onResize(({ cols, rows }) => events.onsize(cols, rows));
    this.#listen(terminal.textarea, "focus", events.onfocus);
    this.#listen(element, "paste", (event) => this.#paste(event as ClipboardEvent, events));
    this.#followTheme();
    this.#followSize();
  }

  get size(): { rows: number; cols: number } {
    return { rows: this.terminal.rows, cols: this.terminal.cols };
  }

  get column(): number | null {
    const { active } = this.terminal.buffer;
    return active.type === "alternate" ? null : active.cursorX;
  }

  /** Whether the view is at the end. */
  get following(): boolean {
    const { active } = this.terminal.buffer;
    return active.viewportY >= active.baseY;
  }

  /** The row at the top of the view. */
  get top(): number {
    return this.terminal.buffer.active.viewportY;
  }

  /** Whether the device has asked for application cursor keys (DECCKM). */
  get applicationCursorKeys(): boolean {
    return this.terminal.modes.applicationCursorKeysMode;
  }

  /** Writes, and says when it is drawn; never after the screen is gone, though the terminal goes on parsing. */
  write(data: string | Uint8Array, done: () => void): void {
    this.terminal.write(data, () => {
      if (!this.#isGone) done();
    });
  }

  reset(still: boolean): void {
    this.#place.clear();
    this.highlight(null);
    this.dense = true;
    // In its turn: what the terminal has not drawn yet must not come after it. Synchronized output keeps the picture.
    this.terminal.write(still ? "\u001bc\u001b[?2026h" : "\u001bc");
    if (!this.#wrap) this.terminal.write("\u001b[?7l");
  }

  /** Draws again, after a reset that keeps still. */
  settle(): void {
    this.terminal.write("\u001b[?2026l");
  }

  /** Puts a row at the top, as far as there are rows below it. */
  showAtTop(line: number): void {
    this.terminal.scrollToLine(Math.max(0, line));
  }

  /** Keeps off the end, so that what is written does not move the view. */
  stayAbove(): void {
    if (this.following) this.terminal.scrollLines(-1);
  }

  /** Marks a row; null for none. */
  highlight(line: number | null): void {
    this.#highlight?.dispose();
    this.#highlight = null;
    if (line === null) return;
    const { active } = this.terminal.buffer;
    const marker = this.terminal.registerMarker(line - active.baseY - active.cursorY);
    const backgroundColor = tokensOf(this.#element)("--accent-soft");
    if (marker)
      this.#highlight =
        this.terminal.registerDecoration({ marker, width: this.terminal.cols, backgroundColor }) ??
        null;
  }

  setReturnOnFeed(on: boolean): void {
    if (this.terminal.options.convertEol !== on) this.terminal.options.convertEol = on;
  }

  mark(offset: number): void {
    const register = () => this.terminal.registerMarker(0);
    this.#place.mark(offset, register, performance.now(), this.dense);
  }

  /** Applies how it is to look. */
  look({ textSize, wrap, screenReader }: ScreenLook): void {
    const { options } = this.terminal;
    options.fontSize = textSize;
    options.screenReaderMode = screenReader;
    if (wrap !== this.#wrap) this.terminal.write(wrap ? "\u001b[?7h" : "\u001b[?7l");
    this.#wrap = wrap;
    this.fit();
  }

  /** Draws with the graphics card where there is one and the person wants it; loaded when first asked for. */
  async drawWithGpu(on: boolean): Promise<void> {
    this.#webgl?.dispose();
    this.#webgl = null;
    if (!on) return;
    const { WebglAddon } = await import("@xterm/addon-webgl");
    try {
      const addon = new WebglAddon();
      addon.onContextLoss(() => addon.dispose());
      this.terminal.loadAddon(addon);
      this.#webgl = addon;
    } catch {
      // Without WebGL the terminal goes on drawing as before.
      this.#webgl = null;
    }
  }

  /** Makes as many rows and columns as there is room for. */
  fit(): void {
    if (this.#element.clientWidth > 0 && this.#element.clientHeight > 0) this.#fit.fit();
  }

  /** Looks for a text and shows its next place. */
  async find(query: Query, forward: boolean, incremental = false): Promise<void> {
    if (query.text === "" && !this.#search) return;
    this.#search ??= this.#loadSearch();
    try {
      (await this.#search).find(query, forward, incremental);
    } catch (error) {
      this.#search = null;
      sayFailure(error);
    }
  }

  dispose(): void {
    this.#isGone = true;
    for (const stop of this.#stops) stop();
    this.#place.clear();
    this.terminal.dispose();
  }

  async #loadSearch(): Promise<TerminalSearch> {
    const { TerminalSearch } = await import("./terminal-search.ts");
    return new TerminalSearch(this.terminal, this.#element, this.#events.onfound);
  }

  #takeKey(event: KeyboardEvent, events: ScreenEvents): boolean {
    const ours = OURS.find((written) => isShortcut(event, written));
    if (!ours) return true;
    if (event.type !== "keydown") return false;
    if (ours === "Ctrl+Shift+C") {
      event.preventDefault();
      events.oncopy(this.terminal.getSelection());
    }
    if (ours === "Ctrl+Shift+F" && !event.defaultPrevented) {
      event.preventDefault();
      events.onfind();
    }
    return false;
  }

  // Pasted text is text: an escape in it could end the paste early and type commands.
  #paste(event: ClipboardEvent, events: ScreenEvents): void {
    event.preventDefault();
    event.stopPropagation();
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const text = pasteText(pasted);
    if (text === "") return;
    const { bracketedPasteMode } = this.terminal.modes;
    events.ontype(bracketedPasteMode ? `\u001b[200~${text}\u001b[201~` : text);
  }

  #listen(target: EventTarget | undefined, name: string, listener: (event: Event) => void): void {
    target?.addEventListener(name, listener, { capture: true });
    this.#stops.push(() => target?.removeEventListener(name, listener, { capture: true }));
  }

  #followTheme(): void {
    const observer = new MutationObserver(() => {
      this.terminal.options.theme = themeOf(tokensOf(this.#element));
    });
    observer.observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
    this.#stops.push(() => observer.disconnect());
  }

  #followSize(): void {
    const observer = new ResizeObserver(() => requestAnimationFrame(() => this.fit()));
    observer.observe(this.#element);
    this.#stops.push(() => observer.disconnect());
  }
}

/** Clipboard text as keys: line ends are Enter, other controls but Tab are left out. */
export function pasteText(text: string): string {
  return text
    .replaceAll(/\r\n?|\n/g, "\r")
    .replaceAll(/\p{Cc}/gu, (control) => (control === "\r" || control === "\t" ? control : ""));
}
