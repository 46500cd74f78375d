// TerminalModel: a port's terminal: its screen, what feeds it, whether it answers, and its place among the views.
import type { Client, Port } from "seriald";
import { copyText } from "../ui/clipboard.ts";
import { EMPTY, type Query } from "./pattern.ts";
import type { PortStore } from "./port-store.ts";
import { TerminalFeed } from "./terminal-feed.ts";
import { TerminalPlace } from "./terminal-place.ts";
import { type ScreenLook, TerminalScreen } from "./terminal-screen.ts";
import type { Extent } from "./view.ts";
import { viewPreferences } from "./view-preferences.svelte.ts";

/** What a terminal stands in. */
export interface Surroundings {
  client: Client;
  port: Port;
  store: PortStore;
  /** What is typed is shown, for devices that do not echo. */
  echo(): boolean;
  ontype(data: string): void;
  onfind(): void;
  onmove(following: boolean, place: Extent): void;
}

export class TerminalModel {
  /** Columns and rows, in words. */
  size = $state("");
  query: Query = $state.raw(EMPTY);
  /** Where the search stands, in words. */
  found = $state("");
  /** The address that a person wants to open. */
  link: string | null = $state(null);

  #around: Surroundings;
  #place: TerminalPlace;
  #screen: TerminalScreen;
  #feed: TerminalFeed;
  #shown = false;
  // How it was drawn.
  #manner: string;
  #reported = { following: true, top: 0 };
  #stop: () => void;

  constructor(element: HTMLElement, around: Surroundings) {
    const { port, store } = around;
    this.#around = around;
    this.#manner = this.#mannerNow();
    this.#place = new TerminalPlace(store.log);
    const answers = () => isAnswerer(around.client, port);
    this.#screen = new TerminalScreen(element, this.#place, {
      mayAnswer: answers,
      onanswer: (data) => void port.write(data, { answer: true }).catch(() => undefined),
      ontype: around.ontype,
      onfocus: () => this.#answer(),
      oncopy: (text) => void (text && copyText(text)),
      onfind: around.onfind,
      onlink: (address) => {
        this.link = address;
      },
      onmove: () => this.#moved(),
      onsize: (cols, rows) => {
        this.size = sizeText(cols, rows);
      },
      onfound: (index, count) => {
        this.found = count === 0 ? "none" : index < 0 ? `${count}` : `${index + 1} of ${count}`;
      },
    });
    this.#feed = new TerminalFeed(store, this.#screen, {
      answers,
      echo: around.echo,
      returnOnFeed: () =>
        viewPreferences.lineFeeds === "auto" ? null : viewPreferences.lineFeeds === "crlf",
    });
    this.size = sizeText(this.#screen.size.cols, this.#screen.size.rows);
    this.#stop = store.log.onarrival(() => this.pump());
  }

  /** Whether the device has asked for application cursor keys. */
  get applicationCursorKeys(): boolean {
    return this.#screen.applicationCursorKeys;
  }

  /** Shown again: first the room, then what came meanwhile, then the place. */
  show(): void {
    this.#shown = true;
    this.#screen.fit();
    this.#feed.run();
    this.#screen.write("", () => this.#takePlace());
  }

  /** Not shown: nothing is written until it is again. */
  hide(): void {
    this.#shown = false;
    this.#feed.stop();
  }

  /** Writes what there is. */
  pump(): void {
    this.#feed.pump();
  }

  /** Goes on behind a pause. */
  resume(): void {
    this.#feed.run();
  }

  /** Draws everything anew where line feeds or what is sent are to be drawn in another way. */
  redraw(): void {
    const manner = this.#mannerNow();
    if (manner === this.#manner) return;
    this.#manner = manner;
    this.#feed.restart();
    if (this.#shown) this.#feed.run();
  }

  /** Applies how it is to look. */
  look(look: ScreenLook): void {
    this.#screen.look(look);
  }

  /** Draws with the graphics card, or without. */
  drawWithGpu(on: boolean): void {
    void this.#screen.drawWithGpu(on);
  }

  /** Gives the terminal the keyboard. */
  focus(): void {
    this.#screen.terminal.focus();
  }

  /** Goes to the end. */
  follow(): void {
    this.#screen.terminal.scrollToBottom();
    this.#moved();
  }

  /** Brings an offset into sight, where the terminal still has it. */
  goTo(offset: number): void {
    const line = this.#place.lineOf(offset);
    if (line === null) return;
    this.#screen.terminal.scrollToLine(line);
    this.#moved();
  }

  /** The offsets in sight. */
  extent(): Extent {
    const { top, size } = this.#screen;
    const offsetAt = (row: number) => this.#place.offsetAt(row);
    return { from: offsetAt(top), to: offsetAt(top + size.rows) };
  }

  /** The offset of the row where text is selected, or at the top. */
  chosen(): number {
    const { terminal, top } = this.#screen;
    return this.#place.offsetAt(terminal.getSelectionPosition()?.start.y ?? top);
  }

  /** Looks for something; `incremental` stays where it is as long as it fits. */
  search(query: Query, forward = true, incremental = false): void {
    this.query = query;
    if (query.text === "") this.found = "";
    this.#screen.find(query, forward, incremental);
  }

  /** The link is not to be opened, or has been. */
  leaveLink(): void {
    this.link = null;
  }

  /** Lets the terminal go. */
  close(): void {
    this.#stop();
    // The terminal still tells of things while it goes.
    this.hide();
    this.#screen.dispose();
  }

  #mannerNow(): string {
    return `${viewPreferences.lineFeeds} ${this.#around.echo()}`;
  }

  // A reply that is refused has come too late: another page answers now.
  #answer(): void {
    const { client, port } = this.#around;
    if (!isAnswerer(client, port) && client.hello?.may.includes("type"))
      port.answer().catch(() => undefined);
  }

  #moved(): void {
    if (!this.#shown) return;
    const { following, top } = this.#screen;
    if (this.#feed.outstanding === 0) this.#screen.dense = false;
    const before = this.#reported;
    if (following === before.following && (following || top === before.top)) return;
    this.#reported = { following, top };
    this.#around.onmove(following, this.extent());
  }

  #takePlace(): void {
    if (!this.#shown) return;
    const { following, anchor } = this.#around.store;
    const line = following ? null : this.#place.lineOf(anchor);
    if (line === null) this.#screen.terminal.scrollToBottom();
    else this.#screen.terminal.scrollToLine(line);
  }
}

/** Whether this page's terminal is the one that answers the device. */
export function isAnswerer(client: Client, port: Port): boolean {
  return client.hello !== null && port.state?.answerer === client.hello.client;
}

function sizeText(cols: number, rows: number): string {
  return `${cols} × ${rows}`;
}
