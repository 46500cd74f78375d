// Screen: the port on the page with everything that its buttons, keys and palette do to it.
import type { Client, Port, Settings } from "seriald";
import { destination, type Linked, linkTo } from "../history/link.ts";
import { preferences } from "../model/preferences.svelte.ts";
import { parseRoute } from "../model/route.ts";
import { isManyLines, type Paste, readPaste } from "../send/paste.ts";
import { inCursorMode, withControl } from "../send/terminal-keys.ts";
import { copyText } from "../ui/clipboard.ts";
import { say, sayFailure } from "../ui/toasts.svelte.ts";
import type { ViewStatus } from "../views/view.ts";

/** What a view can be told to do. */
export interface ViewHandle {
  focus(): void;
  find(): void;
  clear(): void;
  pause(on: boolean): void;
  follow(): void;
  /** Brings an offset of the port's journal into sight. */
  goTo(offset: number): void;
  /** The offset that a link to what is chosen leads to. */
  chosen(): number;
  /** The stretch that is chosen; null where nothing is. */
  selection(): { from: number; to: number } | null;
  copyAll(): Promise<string>;
  /** Whether the device has asked its terminal for application cursor keys. */
  applicationCursorKeys(): boolean;
}

/** Something that must be asked before it is sent. */
export type Question =
  | { what: "paste"; paste: Paste }
  | { what: "file"; file: File | null }
  | { what: "flash"; file: File | null }
  | { what: "take-back" }
  | { what: "say" };

export class Screen {
  readonly client: Client;
  readonly name: string;
  readonly port: Port;
  view: ViewHandle | undefined = $state.raw();
  status: ViewStatus = $state.raw({
    following: true,
    paused: false,
    unseen: 0,
    bytes: 0,
    from: 0,
    to: 0,
    time: 0,
  });
  question: Question | null = $state.raw(null);
  /** Whether the key bar's Ctrl is held for the next key. */
  control = $state(false);
  /** Puts the text cursor into the send bar. */
  focusSendBar: () => void = () => {};

  constructor(client: Client, name: string) {
    this.client = client;
    this.name = name;
    this.port = client.port(name);
  }

  /** Keys and pastes from the terminal, in their order; several lines at once are asked about first. */
  type(data: string): void {
    if (isManyLines(data)) {
      this.question = { what: "paste", paste: readPaste(data) };
      return;
    }
    const typed = this.control ? withControl(data) : data;
    this.control = false;
    this.port.write(typed).catch(sayFailure);
  }

  /** A key of the key bar, as the terminal's own keyboard would send it. */
  press(data: string): void {
    this.type(inCursorMode(data, this.view?.applicationCursorKeys() ?? false));
  }

  togglePause(): void {
    this.view?.pause(!this.status.paused);
  }

  /** Shows what a link leads to, or says what there is instead. */
  visit(linked: Linked): void {
    const { state } = this.port;
    if (!state) return;
    const { offset, told } = destination(linked, state);
    if (told !== null) say(told, true);
    if (offset !== null) this.view?.goTo(offset);
  }

  /** Copies a link to an offset, or to what is chosen in the view. */
  async copyLink(offset = this.view?.chosen() ?? 0): Promise<void> {
    const { state } = this.port;
    if (!state) return;
    const view = parseRoute(location.hash).view ?? preferences.view;
    const link = linkTo(state, view, offset, location.href);
    const done = await copyText(link);
    if (done) say("Copied a link to this place.");
    else say(`The browser did not let this page use the clipboard: ${link}`, true);
  }

  async copyAll(): Promise<void> {
    const text = (await this.view?.copyAll()) ?? "";
    const done = await copyText(text);
    if (done) say("Copied everything that this page has.");
    else say("The browser did not let this page use the clipboard. “Save all” gives a file.", true);
  }

  /** A file that was dropped on the port is flashed where a command takes it, or else sent. */
  async takeFile(file: File, mayFlash: boolean): Promise<void> {
    const isFirmware =
      mayFlash && (await (await import("../flash/commands.ts")).isTaken(this.port, file));
    this.question = { what: isFirmware ? "flash" : "file", file };
  }

  /** Opens the port; what would leave a device half written is asked about first. */
  open = async (): Promise<void> => {
    if (this.port.state?.lent?.flash) this.question = { what: "take-back" };
    else await this.takeBack();
  };
  takeBack = () => this.#ask(this.port.open());
  release = () => this.#ask(this.port.release());
  cancel = () => this.#ask(this.port.cancel());
  set = (settings: Partial<Settings>) => this.#ask(this.port.set(settings));
  setLines = (lines: { dtr?: boolean; rts?: boolean }) => this.#ask(this.port.setLines(lines));
  sendBreak = (ms: number) => this.#ask(this.port.sendBreak(ms), `Sent a BREAK of ${ms} ms.`);
  pulse = (sequence: string) => this.#ask(this.port.pulse(sequence), "Played the sequence.");

  async #ask(request: Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await request;
      if (done) say(done);
      return true;
    } catch (error) {
      sayFailure(error);
      return false;
    }
  }
}
