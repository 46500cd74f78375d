// Draft: what is being written in the send bar, and what became of what was sent before.
import type { Port } from "seriald";
import { preferences } from "../model/preferences.svelte.ts";
import { SendHistory } from "./history.ts";
import { composeMessage } from "./message.ts";
import { complaint } from "./parsed.ts";

export class Draft {
  readonly #port: Port;
  readonly #history = new SendHistory();
  text = $state("");
  /** Messages that wait for the device. */
  pending = $state(0);
  /** Bytes of the last message that the device took. */
  sent: number | null = $state(null);
  readonly #parsed = $derived(composeMessage(this.text, preferences.notation, preferences.ending));

  constructor(port: Port) {
    this.#port = port;
  }

  /** What is wrong with the text, if anything is. */
  get mistake(): string | null {
    return "bytes" in this.#parsed ? null : complaint(this.#parsed);
  }

  /** Whether there is anything to send. */
  get sendable(): boolean {
    return "bytes" in this.#parsed && this.#parsed.bytes.length > 0;
  }

  /** Takes over the history that the server keeps. */
  async recall(): Promise<void> {
    this.#history.load(await this.#port.sent());
  }

  /** Sends the message; rejects when it did not reach the device, with the text as it was. */
  async send(): Promise<void> {
    const parsed = this.#parsed;
    if (!("bytes" in parsed) || parsed.bytes.length === 0) return;
    const typed = this.text;
    this.text = "";
    this.#history.add(typed);
    this.sent = null;
    this.pending++;
    try {
      await this.#port.write(parsed.bytes, typed ? { remember: typed } : {});
      this.sent = parsed.bytes.length;
    } catch (error) {
      // What did not go out must not have to be typed again.
      this.text ||= typed;
      throw error;
    } finally {
      this.pending--;
    }
  }

  /** Shows the message that was sent before this one. */
  older(): void {
    this.text = this.#history.older(this.text) ?? this.text;
  }

  /** Shows the message that was sent after this one, or what was being written. */
  newer(): void {
    this.text = this.#history.newer() ?? this.text;
  }
}
