// Port: a serial line under a name, as a page sees it.

import { type ReadOptions, read } from "./batches.ts";
import type { Connection } from "./connection.ts";
import { SerialdError } from "./error.ts";
import { type Line, type LinesOptions, lines } from "./lines.ts";
import type { SerialRecord } from "./record.ts";
import { type SendOptions, send } from "./send.ts";
import { Reader, type Sink, type SubscribeOptions, type Subscription } from "./subscription.ts";
import {
  count,
  type LineSettings,
  type Offset,
  type PortState,
  type Request,
  type Settings,
} from "./talk.ts";
import { toHex } from "./wire.ts";

export interface WriteOptions {
  /** What the person typed, kept in the port's send history. */
  remember?: string | undefined;
  /** A terminal's own reply to a device's query: refused unless this client is the port's answerer. */
  answer?: boolean | undefined;
}

/** Where a write stands in the journal. */
export interface Written {
  offset: number;
  length: number;
}

// A lone surrogate is U+FFFD in both, so that a text is the same bytes as JSON and as a binary message.
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A port of a server. It need not be there (yet): its `state` is undefined then. */
export class Port {
  readonly name: string;
  readonly #connection: Connection;

  /** Made by `Client.port`. */
  constructor(connection: Connection, name: string) {
    this.#connection = connection;
    this.name = name;
  }

  get state(): PortState | undefined {
    return this.#connection.ports.get(this.name);
  }

  /** Calls back at once and on each change of the state; the answer stops that. */
  watch(listener: (state: PortState | undefined) => void): () => void {
    const stop = this.#connection.events.on("port", (state, name) => {
      if (name === this.name) listener(state ?? undefined);
    });
    listener(this.state);
    return stop;
  }

  /** Gives the journal's records to a sink, from a place on, over any number of connections: nothing lost, nothing twice. */
  subscribe(options: SubscribeOptions, sink: Sink): Subscription {
    return new Reader(this.#connection, this.name, options, sink);
  }

  /** The past between two offsets, in batches of records as fast as they are taken, over any number of connections; it ends by itself. */
  read(options: ReadOptions): AsyncIterable<readonly SerialRecord[]> {
    return read(this, options);
  }

  /** What the device sends, line by line. */
  lines(options: LinesOptions = {}): AsyncIterable<Line> {
    return lines(this, options);
  }

  /** Writes all of it or nothing, unmixed with others' writes. Resolves when the device's driver took it. */
  async write(data: string | Uint8Array, options: WriteOptions = {}): Promise<Written> {
    const bytes = toBytes(data);
    const limit = this.#connection.hello?.limits.write ?? Number.POSITIVE_INFINITY;
    if (bytes.length > limit) {
      throw new SerialdError("too-large", `${bytes.length} bytes: one write takes ${limit}`, {
        limit,
      });
    }
    const { remember, answer = false } = options;
    const binary = remember === undefined ? this.#connection.write(this.name, bytes, answer) : null;
    const written = await (binary ??
      this.#connection.request({
        type: "write",
        port: this.name,
        ...(typeof data === "string" ? { text: decoder.decode(bytes) } : { hex: toHex(bytes) }),
        ...(remember !== undefined ? { remember } : {}),
        ...(answer ? { answer } : {}),
      }));
    return {
      offset: count(written.offset) ?? 0,
      length: count(written.length) ?? bytes.length,
    };
  }

  /** Writes any amount in chunks, as slowly as the device needs it; waits where the port's queue is full. */
  send(data: string | Uint8Array, options: SendOptions = {}): Promise<void> {
    return send(this, toBytes(data), options);
  }

  /** Opens the port, takes it back from another program, or tries at once where it was waiting. */
  open(): Promise<void> {
    return this.#ask({ type: "open", port: this.name });
  }

  /** Closes the device so that another program can have it; viewers stay. */
  release(): Promise<void> {
    return this.#ask({ type: "release", port: this.name });
  }

  /** Changes settings; what is absent stays. Resolves with what is in force. */
  async set(settings: Partial<Settings>): Promise<LineSettings | null> {
    const done = await this.#connection.request({ type: "set", port: this.name, settings });
    return typeof done.actual === "object" ? (done.actual as LineSettings | null) : null;
  }

  /** Sets modem lines; true asserts. */
  setLines(lines: { dtr?: boolean; rts?: boolean }): Promise<void> {
    const { dtr, rts } = lines;
    return this.#ask({
      type: "lines",
      port: this.name,
      ...(dtr !== undefined ? { dtr } : {}),
      ...(rts !== undefined ? { rts } : {}),
    });
  }

  /** Pins a text of at most 1000 characters to now, or to an earlier offset. Resolves with the offset of its Note. */
  async mark(text: string, { at }: { at?: Offset | undefined } = {}): Promise<Offset> {
    const done = await this.#connection.request({
      type: "mark",
      port: this.name,
      text,
      ...(at !== undefined ? { at } : {}),
    });
    return count(done.offset) ?? 0;
  }

  /** Sends a BREAK, of 250 ms unless told; resolves after its end. */
  sendBreak(ms?: number): Promise<void> {
    return this.#ask({ type: "break", port: this.name, ...(ms !== undefined ? { ms } : {}) });
  }

  /** Plays `arduino-reset`, `esp-reset`, `esp-bootloader` or steps such as `dtr=0,rts=1,100ms,dtr=1`. */
  pulse(sequence: string): Promise<void> {
    return this.#ask({ type: "pulse", port: this.name, sequence });
  }

  /** Throws away what this client wrote and the device has not taken. */
  cancel(): Promise<void> {
    return this.#ask({ type: "cancel", port: this.name });
  }

  /** The port's send history, oldest first. */
  async sent(): Promise<string[]> {
    const { entries } = await this.#connection.request({ type: "sent", port: this.name });
    return Array.isArray(entries) ? entries.filter((entry) => typeof entry === "string") : [];
  }

  /** This page's terminal answers the device's queries from now on. */
  answer(): Promise<void> {
    return this.#ask({ type: "answer", port: this.name });
  }

  async #ask(request: Request): Promise<void> {
    await this.#connection.request(request);
  }
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data;
}
