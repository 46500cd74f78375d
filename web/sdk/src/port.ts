// Port: a serial line under a name, as a page sees it.

import { unless } from "./abort.ts";
import { type ReadOptions, read } from "./batches.ts";
import type { Subscription } from "./channel-reader.ts";
import { type Chart, type ChartOptions, chart } from "./chart.ts";
import type { Connection } from "./connection.ts";
import { SerialdError } from "./error.ts";
import { count, texts } from "./fields.ts";
import { Flasher } from "./flasher.ts";
import { toHex } from "./hex.ts";
import { type Line, type LinesOptions, lines } from "./lines.ts";
import type { Step } from "./panel.ts";
import { type Moment, microseconds } from "./place.ts";
import type { SerialRecord } from "./record.ts";
import { parseReply, type Reply, type RequestOptions, untilWords } from "./request.ts";
import type { Rest } from "./rest.ts";
import { type SendOptions, send } from "./send.ts";
import { Reader, type Sink, type SubscribeOptions } from "./subscription.ts";
import {
  type Doors,
  doorsOf,
  type LineSettings,
  type Offset,
  type PortState,
  type Request,
  type ServerMessage,
  type Settings,
  type TurnAct,
  type UseValue,
} from "./talk.ts";
import {
  type Reading,
  type SubscribeValuesOptions,
  type ValuesOptions,
  ValuesReader,
  type ValuesSink,
  values,
} from "./values.ts";

export interface WriteOptions {
  /** What the person typed, kept in the port's send history. */
  remember?: string | undefined;
  /** A terminal's own reply to a device's query: refused unless this client is the port's answerer. */
  answer?: boolean | undefined;
}

/** What is to become of the doors for programs. */
export interface DoorsChange {
  rfc2217?: string | null | undefined;
  tcp?: string | null | undefined;
}

/** Where a write stands in the journal. */
export interface Written {
  offset: number;
  length: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A request of this port, which adds its name. */
type Question = Request extends infer R
  ? R extends { port: string }
    ? Omit<R, "port">
    : never
  : never;

/** A port of a server. It need not be there (yet): its `state` is undefined then. */
export class Port {
  #name: string | undefined;
  readonly #connection: Connection;
  readonly #rest: Rest;
  /** Writes files to the device by commands of the server's configuration. */
  readonly flasher: Flasher;

  /** Made by `Client.port`. Without a name it is the first port that the server has. */
  constructor(connection: Connection, rest: Rest, name: string | undefined) {
    this.#connection = connection;
    this.#rest = rest;
    this.#name = name;
    this.flasher = new Flasher(rest, () => this.#known());
  }

  /** Empty as long as it is the server's first port and none is known. */
  get name(): string {
    this.#name ??= this.#connection.ports.keys().next().value;
    return this.#name ?? "";
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
    return new Reader(this.#connection, this, options, sink);
  }

  /** The past between two places, in batches of records as fast as they are taken, over any number of connections; it ends by itself. */
  read(options: ReadOptions): AsyncIterable<readonly SerialRecord[]> {
    return read(this, options);
  }

  /** What the device sends, line by line. */
  lines(options: LinesOptions = {}): AsyncIterable<Line> {
    return lines(this, options);
  }

  /** Gives the values in what the device sends to a sink, many at once; for pictures of fast devices. */
  subscribeValues(options: SubscribeValuesOptions, sink: ValuesSink): Subscription {
    return new ValuesReader(this.#connection, this, options, sink);
  }

  /** The values in what the device sends, reading by reading. */
  values(options: ValuesOptions = {}): AsyncIterable<Reading> {
    return values(this, options);
  }

  /** The values of a stretch of the recording, of each step the lowest and the highest. */
  async chart(options: ChartOptions = {}): Promise<Chart> {
    return chart(this.#rest, await this.#known(), options);
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
      this.#ask({
        type: "write",
        ...toWords(data),
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

  /** Writes, if there is something to write, and waits for what the device replies. */
  async request(data?: string | Uint8Array | null, options: RequestOptions = {}): Promise<Reply> {
    const { until, timeout, signal } = options;
    signal?.throwIfAborted();
    const port = this.name || (await unless(this.#known(), signal));
    const question: Request = {
      type: "request",
      port,
      ...(data === undefined || data === null ? {} : toWords(data)),
      ...untilWords(until),
      ...(timeout !== undefined ? { timeout } : {}),
    };
    return parseReply(await this.#connection.requestUntil(question, signal));
  }

  /** Runs a macro on the server, of steps or of a panel; resolves when it has ended. The signal stops it. */
  async run(
    what: readonly Step[] | { panel: string; macro: string },
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    const words = "macro" in what ? { panel: what.panel, macro: what.macro } : { steps: what };
    // A signal may come before the server has told the number.
    const stop = (run: number) => void this.stop(run).catch(() => {});
    let number: number | null = null;
    const done = this.#ask({ type: "run", ...words }, (run) => {
      number = run;
      if (signal?.aborted) stop(run);
    });
    await unless(done, signal, () => {
      if (number !== null) stop(number);
    });
  }

  /** Ends a macro, whoever started it; its number is in the port's state. */
  async stop(run: number): Promise<void> {
    await this.#ask({ type: "stop", run });
  }

  /** Ends all macros on the port and throws away all that waits to be written. */
  async halt(): Promise<void> {
    await this.#ask({ type: "halt" });
  }

  /** Does what a touch of a panel's widget does; resolves when it is done. */
  async use(panel: string, widget: string, value?: UseValue): Promise<void> {
    await this.#ask({ type: "use", panel, widget, ...(value !== undefined ? { value } : {}) });
  }

  /** The offset of the first record at that time or later, or the head. */
  async moment(moment: Moment): Promise<Offset> {
    const { offset } = await this.#ask({ type: "moment", time: microseconds(moment) });
    return count(offset) ?? 0;
  }

  /** Opens the port, takes it back from another program, or tries at once where it was waiting. */
  async open(): Promise<void> {
    await this.#ask({ type: "open" });
  }

  /** Closes the device so that another program can have it; viewers stay. */
  async release(): Promise<void> {
    await this.#ask({ type: "release" });
  }

  /** Changes settings; what is absent stays. Resolves with what is in force. */
  async set(settings: Partial<Settings>): Promise<LineSettings | null> {
    const done = await this.#ask({ type: "set", settings });
    return typeof done.actual === "object" ? (done.actual as LineSettings | null) : null;
  }

  /** Sets modem lines; true asserts. */
  async setLines(lines: { dtr?: boolean; rts?: boolean }): Promise<void> {
    const { dtr, rts } = lines;
    await this.#ask({
      type: "lines",
      ...(dtr !== undefined ? { dtr } : {}),
      ...(rts !== undefined ? { rts } : {}),
    });
  }

  /**
   * Opens, moves or closes the doors for programs: an address of the server's machine such as `4000`, `127.0.0.1:4000`, or `0` for any
   * that is free; null closes; what is absent stays. Resolves with what is in force, until the server ends.
   */
  async setDoors({ rfc2217, tcp }: DoorsChange): Promise<Doors> {
    const done = await this.#ask({
      type: "doors",
      ...(rfc2217 !== undefined ? { rfc2217 } : {}),
      ...(tcp !== undefined ? { tcp } : {}),
    });
    return doorsOf(done.doors);
  }

  /** Pins a text of at most 1000 characters to now, or to an earlier offset. Resolves with the offset of its Note. */
  async mark(text: string, { at }: { at?: Offset | undefined } = {}): Promise<Offset> {
    const done = await this.#ask({
      type: "mark",
      text,
      ...(at !== undefined ? { at } : {}),
    });
    return count(done.offset) ?? 0;
  }

  /** Takes the turn, asks for it, hands it to a client that asks, gives it back, or turns turns on or off. */
  async turn(act: TurnAct, to?: string): Promise<void> {
    await this.#ask({ type: "turn", act, ...(to !== undefined ? { to } : {}) });
  }

  /** Says a line of at most 500 characters to all who watch. Resolves with the offset of its Note. */
  async say(text: string): Promise<Offset> {
    const { offset } = await this.#ask({ type: "say", text });
    return count(offset) ?? 0;
  }

  /** Sends a BREAK, of 250 ms unless told; resolves after its end. */
  async sendBreak(ms?: number): Promise<void> {
    await this.#ask({ type: "break", ...(ms !== undefined ? { ms } : {}) });
  }

  /** Plays `arduino-reset`, `esp-reset`, `esp-bootloader` or steps such as `dtr=0,rts=1,100ms,dtr=1`. */
  async pulse(sequence: string): Promise<void> {
    await this.#ask({ type: "pulse", sequence });
  }

  /** Throws away what this client wrote and the device has not taken. */
  async cancel(): Promise<void> {
    await this.#ask({ type: "cancel" });
  }

  /** The port's send history, oldest first. */
  async sent(): Promise<string[]> {
    const { entries } = await this.#ask({ type: "sent" });
    return texts(entries);
  }

  /** This page's terminal answers the device's queries from now on. */
  async answer(): Promise<void> {
    await this.#ask({ type: "answer" });
  }

  async #ask(question: Question, started?: (run: number) => void): Promise<ServerMessage> {
    const port = this.name || (await this.#known());
    return this.#connection.request({ ...question, port } as Request, started);
  }

  /** The name, as soon as the server has told its ports. */
  async #known(): Promise<string> {
    if (this.name === "") await this.#connection.listed();
    if (this.name !== "") return this.name;
    throw this.#connection.error ?? new SerialdError("unknown-port", "the server has no port yet");
  }
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data;
}

function toWords(data: string | Uint8Array): { text: string } | { hex: string } {
  // A lone surrogate is U+FFFD in both, so that a text is the same bytes as JSON and as a binary message.
  return typeof data === "string"
    ? { text: decoder.decode(encoder.encode(data)) }
    : { hex: toHex(data) };
}
