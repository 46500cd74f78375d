// TerminalModel: a port's terminal: its screen, what feeds it, whether it answers, and its place among the views.
import type { Client, Port } from "seriald";
import { copyText } from "../ui/clipboard.ts";
import { EMPTY, type Query } from "./pattern.ts";
import type { PortStore } from "./port-store.ts";
import { REPLAY, TerminalFeed } from "./terminal-feed.ts";
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

/** Where a terminal that was fed anew is to stand: a row so many rows below the one of an offset at the top. */
interface Seek {
  offset: number;
  below: number;
  /** In the middle instead of at the top. */
  centre: boolean;
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
  #following = true;
  // The place that is sought while the terminal is fed anew.
  #seek: Seek | null = null;
  // How it was drawn.
  #manner: string;
  #top = 0;
  #stops: (() => void)[];

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
      onidle: () => this.#arrive(),
    });
    this.size = sizeText(this.#screen.size.cols, this.#screen.size.rows);
    this.#stops = [
      store.log.onarrival(() => this.pump()),
      store.log.oncut(() => this.#feed.cutOff()),
    ];
  }

  /** Whether the device has asked for application cursor keys. */
  get applicationCursorKeys(): boolean {
    return this.#screen.applicationCursorKeys;
  }

  /** Shown again: first the room, then what came meanwhile, then the place. */
  show(): void {
    const { following, anchor } = this.#around.store;
    this.#shown = true;
    this.#following = following;
    this.#screen.fit();
    if (following) {
      this.#feed.reach(null);
      this.#feed.run();
      this.#screen.write("", () => this.#screen.terminal.scrollToBottom());
    } else {
      this.#feed.run();
      this.#screen.write("", () => this.#show({ offset: anchor, below: 0, centre: false }));
    }
  }

  /** Not shown: nothing is written until it is again. */
  hide(): void {
    this.#shown = false;
    this.#feed.stop();
  }

  /** Writes what there is. */
  pump(): void {
    if (!this.#shown) return;
    const { following, anchor } = this.#around.store;
    if (!following && this.#feed.isStale && !this.#seek)
      return this.#refeed({ offset: anchor, below: 0, centre: false });
    if (!this.#seek && !this.#following) this.#reach();
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
    if (!this.#shown) this.#feed.restart();
    else if (this.#following) this.#begin();
    else this.#refeed(this.#here());
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
    this.#following = true;
    this.#seek = null;
    this.#screen.highlight(null);
    if (!this.#feed.isCaughtUp && this.#feed.next < this.#around.store.log.head - REPLAY)
      this.#begin();
    this.#feed.reach(null);
    this.#feed.pump();
    this.#screen.terminal.scrollToBottom();
    this.#around.onmove(true, this.extent());
  }

  /** Brings an offset into sight. */
  goTo(offset: number): void {
    this.#following = false;
    this.#show({ offset, below: 0, centre: true });
  }

  /** The offsets in sight. */
  extent(): Extent {
    const { top, size } = this.#screen;
    const { anchor, shownTo } = this.#around.store;
    // While it runs along the end, nobody looks at a place.
    if (this.#following && this.#feed.outstanding > 0) return { from: anchor, to: shownTo };
    const from = this.#place.offsetAt(top);
    const to = this.#following ? shownTo : this.#place.offsetAt(top + size.rows);
    return { from, to: Math.max(from, Math.min(to, this.#feed.next)) };
  }

  /** The offset of the row where text is selected, or at the top. */
  chosen(): number {
    const { terminal, top } = this.#screen;
    return this.#place.offsetAt(terminal.getSelectionPosition()?.start.y ?? top);
  }

  /** The stretch of the rows in which text is selected. */
  selection(): Extent | null {
    const rows = this.#screen.terminal.getSelectionPosition();
    if (!rows) return null;
    return { from: this.#place.offsetAt(rows.start.y), to: this.#place.offsetAt(rows.end.y + 1) };
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
    for (const stop of this.#stops) stop();
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
    if (!isAnswerer(client, port) && port.state?.may.includes("type"))
      port.answer().catch(() => undefined);
  }

  #moved(): void {
    if (!this.#shown || this.#seek) return;
    const { following: isAtEnd, top } = this.#screen;
    if (this.#feed.outstanding === 0) this.#screen.dense = false;
    const was = this.#following;
    this.#following = isAtEnd && (was || this.#feed.isCaughtUp);
    if (this.#following && was) return;
    if (!this.#following && !was && top === this.#top) return;
    this.#top = top;
    if (this.#following) this.#feed.reach(null);
    this.#around.onmove(this.#following, this.extent());
    if (!this.#following) this.#reach();
    this.#feed.pump();
  }

  // Whoever looks at the past gets what lies below as the view comes near it, and what lies above by being fed anew from there.
  #reach(): void {
    const { top, size } = this.#screen;
    const { log } = this.#around.store;
    this.#feed.reach(this.extent().to);
    if (!this.#feed.isCaughtUp) this.#screen.stayAbove();
    if (top < 2 * size.rows && this.#place.offsetAt(0) > log.firstShown) this.#refeed(this.#here());
  }

  // The place of the row at the top.
  #here(): Seek {
    const { top } = this.#screen;
    const offset = this.#place.offsetAt(top);
    return { offset, below: top - (this.#place.lineOf(offset) ?? top), centre: false };
  }

  #begin(): void {
    this.#seek = null;
    this.#feed.restart();
    this.#feed.run();
  }

  #refeed(seek: Seek): void {
    this.#seek = seek;
    this.#feed.restart(seek.offset);
    this.#feed.run();
  }

  // Shows a place: at once where the terminal has it with rows above and below.
  #show(seek: Seek): void {
    if (!this.#shown) return;
    const { from, next } = this.#feed;
    const line = this.#place.lineOf(seek.offset);
    if (this.#feed.isStale || line === null || seek.offset < from || seek.offset >= next)
      this.#refeed(seek);
    else this.#stand(seek, line);
  }

  // All that was to be fed is there.
  #arrive(): void {
    const seek = this.#seek;
    if (!seek) return;
    this.#seek = null;
    this.#stand(seek, this.#place.lineOf(seek.offset) ?? 0);
    this.#screen.settle();
  }

  #stand({ offset, below, centre }: Seek, line: number): void {
    const { size } = this.#screen;
    this.#screen.showAtTop(centre ? line - Math.floor(size.rows / 2) : line + below);
    const { highlight } = this.#around.store;
    if (highlight !== null) this.#screen.highlight(this.#place.lineOf(highlight));
    if (!this.#feed.isCaughtUp) this.#screen.stayAbove();
    this.#top = this.#screen.top;
    this.#around.store.anchor = offset;
    this.#following = false;
    this.#around.onmove(false, this.extent());
  }
}

/** Whether this page's terminal is the one that answers the device. */
export function isAnswerer(client: Client, port: Port): boolean {
  return client.hello !== null && port.state?.answerer === client.hello.client;
}

function sizeText(cols: number, rows: number): string {
  return `${cols} × ${rows}`;
}
