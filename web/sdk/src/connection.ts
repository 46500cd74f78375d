// Connection: questions and answers over the socket, the ports' states, and the channels that bring records.
import { unless } from "./abort.ts";
import { guard, SerialdError } from "./error.ts";
import { Events } from "./events.ts";
import { count, objects, text } from "./fields.ts";
import {
  type Alert,
  type PageListing,
  type PanelListing,
  parseAlert,
  parsePages,
  parsePanels,
} from "./listing.ts";
import { Socket, type SocketOptions, type Status } from "./socket.ts";
import {
  type Credit,
  type Hello,
  type PortState,
  parseHello,
  parseMessage,
  parsePort,
  type Request,
  type ServerMessage,
} from "./talk.ts";
import { decode, encodeWrite, type Frame } from "./wire.ts";

/** A subscription as the connection sees it. */
export interface Channel {
  readonly port: string;
  /** Its number on this connection, null while it has none. */
  readonly number: number | null;
  take(frames: readonly Frame[]): void;
  /** Asks the server for its records: the connection is new, or the port, and a number from before is void. */
  start(): void;
  /** Everything up to where it was asked was sent; the number is void. */
  ended(): void;
  /** The connection ended. */
  lost(): void;
}

/** What a client tells its listeners. */
export interface ClientListeners {
  status(status: Status): void;
  /** The server greeted, or the name was changed. */
  hello(hello: Hello): void;
  /** The set of ports has changed. */
  ports(ports: ReadonlyMap<string, PortState>): void;
  /** One port has changed; null: it is not listed any more. */
  port(state: PortState | null, name: string): void;
  /** The panels, or the ports that they are for, have changed. */
  panels(panels: ReadonlyMap<string, PanelListing>): void;
  /** The pages for devices, or the ports that they are for, have changed. */
  pages(pages: readonly PageListing[]): void;
  /** A trigger wants people to know. */
  alert(alert: Alert): void;
}

interface Question {
  message(id: number): string | ArrayBuffer;
  /** It is at work under that number; the answer comes later. */
  started?: ((run: number) => void) | undefined;
  done(answer: ServerMessage): void;
  failed(error: SerialdError): void;
}

const PROTOCOL = 1;
const LAST_ID = 2 ** 32 - 1;
/** A page cannot see the server's pings: after this much silence it asks whether anybody is there. */
const SILENCE = 30_000;
const LISTEN_EVERY = 5_000;
const SIGN_OF_LIFE_WITHIN = 5_000;

export class Connection {
  readonly events = new Events<ClientListeners>();
  readonly #socket: Socket;
  readonly #ports = new Map<string, PortState>();
  #panels: ReadonlyMap<string, PanelListing> = new Map();
  #pages: readonly PageListing[] = [];
  readonly #channels = new Set<Channel>();
  readonly #numbers = new Map<number, Channel>();
  readonly #asked = new Map<number, Question>();
  /** Asked before the first greeting, and not yet sent. */
  #early: Question[] = [];
  #hello: Hello | null = null;
  #name: string | undefined;
  readonly #key: string;
  #lastId = LAST_ID;
  #heardAt = 0;
  #isAsking = false;
  readonly #listening: ReturnType<typeof setInterval>;

  /** `key` is the page's own secret. */
  constructor(options: SocketOptions, name: string | undefined, key: string) {
    this.#name = name;
    this.#key = key;
    this.#socket = new Socket(options, {
      text: (message) => this.#text(message),
      bytes: (message) => this.#bytes(message),
      lost: () => this.#lost(),
      status: (status) => this.events.emit("status", status),
      woke: () => this.#askForLife(),
    });
    this.#listening = setInterval(() => {
      if (Date.now() - this.#heardAt >= SILENCE) this.#askForLife();
    }, LISTEN_EVERY);
  }

  get status(): Status {
    return this.#socket.status;
  }

  get retryAt(): number | null {
    return this.#socket.retryAt;
  }

  get error(): SerialdError | null {
    return this.#socket.error;
  }

  get hello(): Hello | null {
    return this.#hello;
  }

  get ports(): ReadonlyMap<string, PortState> {
    return this.#ports;
  }

  get panels(): ReadonlyMap<string, PanelListing> {
    return this.#panels;
  }

  get pages(): readonly PageListing[] {
    return this.#pages;
  }

  /** Resolves when the server has told its ports, or cannot be reached for now. */
  listed(): Promise<void> {
    if (this.status !== "connecting") return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.events.on("status", () => {
        stop();
        resolve();
      });
    });
  }

  retry(): void {
    this.#socket.retry();
  }

  close(): void {
    clearInterval(this.#listening);
    this.#socket.close();
    this.#channels.clear();
  }

  async rename(name: string): Promise<void> {
    this.#name = name;
    const answer = await this.request({ type: "name", name });
    if (!this.#hello) return;
    // Whoever is signed in keeps the name of the account, and the server says what became of this one.
    this.#hello = { ...this.#hello, name: text(answer.name, name) };
    this.events.emit("hello", this.#hello);
  }

  /** Asks, and calls back within the message that answers: before any record that follows it. */
  ask(
    request: Request,
    done: (answer: ServerMessage) => void,
    failed: (error: SerialdError) => void,
    started?: (run: number) => void,
  ): void {
    const message = (id: number) => JSON.stringify({ ...request, id });
    this.#put({ message, done, failed, started });
  }

  /** Asks, as a promise. */
  request(request: Request, started?: (run: number) => void): Promise<ServerMessage> {
    return new Promise((resolve, reject) => this.ask(request, resolve, reject, started));
  }

  /** The same, until the signal says that nobody waits any more: then the server does not wait either. */
  requestUntil(request: Request, signal: AbortSignal | undefined): Promise<ServerMessage> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    let question: Question | undefined;
    const answer = new Promise<ServerMessage>((done, failed) => {
      question = { message: (id) => JSON.stringify({ ...request, id }), done, failed };
      this.#put(question);
    });
    return unless(answer, signal, () => this.#abort(question));
  }

  /** Writes over a channel; null where the port has none on this connection. */
  write(port: string, bytes: Uint8Array, answer: boolean): Promise<ServerMessage> | null {
    for (const channel of this.#channels) {
      const { number } = channel;
      if (channel.port !== port || number === null) continue;
      return new Promise((done, failed) => {
        this.#put({ message: (id) => encodeWrite(number, id, bytes, answer), done, failed });
      });
    }
    return null;
  }

  credit(channel: number, bytes: number): void {
    const message: Credit = { type: "credit", channel, bytes };
    this.#socket.send(JSON.stringify(message));
  }

  add(channel: Channel): void {
    this.#channels.add(channel);
    if (this.status === "online") channel.start();
  }

  remove(channel: Channel): void {
    this.#channels.delete(channel);
  }

  /** Records with this number go to that channel from now on. */
  route(number: number, channel: Channel): void {
    this.#numbers.set(number, channel);
  }

  /** Gives a number back. Records that are still under way are dropped. */
  unroute(number: number): void {
    this.#numbers.delete(number);
    this.ask({ type: "unsubscribe", channel: number }, ignore, ignore);
  }

  /** The server broke the protocol: the connection is worth nothing any more. */
  distrust(what: string): void {
    this.#socket.drop(new SerialdError("protocol", `the server broke the protocol: ${what}`));
  }

  #put(question: Question): void {
    if (this.#socket.closed) {
      question.failed(new SerialdError("closed", "this client was closed"));
    } else if (this.status === "online") {
      this.#send(question);
    } else if (this.status === "connecting") {
      this.#early.push(question);
    } else {
      question.failed(this.#offline());
    }
  }

  #send(question: Question): void {
    do {
      this.#lastId = this.#lastId === LAST_ID ? 0 : this.#lastId + 1;
    } while (this.#asked.has(this.#lastId));
    const message = question.message(this.#lastId);
    const limit = this.#hello?.limits.message ?? Number.POSITIVE_INFINITY;
    // A larger message would end the connection for everything else on it.
    if (byteLength(message, limit) > limit) {
      const told = `a message of more than ${limit} bytes is not taken`;
      question.failed(new SerialdError("too-large", told, { limit }));
      return;
    }
    this.#asked.set(this.#lastId, question);
    this.#socket.send(message);
  }

  #abort(question: Question | undefined): void {
    this.#early = this.#early.filter((early) => early !== question);
    for (const [id, asked] of this.#asked) {
      if (asked === question) this.ask({ type: "abort", request: id }, ignore, ignore);
    }
  }

  #text(text: string): void {
    this.#heardAt = Date.now();
    const message = parseMessage(text);
    if (!message) return this.distrust("a text message that is not JSON");
    switch (message.type) {
      case "hello":
        return this.#greet(message);
      case "ports":
        return this.#list(message);
      case "port":
        return this.#change(parsePort(message.port));
      case "panels":
        return this.#listPanels(message.panels);
      case "pages":
        this.#pages = parsePages(message.pages);
        return this.events.emit("pages", this.#pages);
      case "alert":
        return this.#alert(message);
      case "started":
        return this.#started(message);
      case "port-gone":
        return this.#forget(message.name);
      case "ended":
        return this.#end(message.channel as number);
      case "error":
        return this.#take(message)?.failed(SerialdError.fromMessage(message));
      case "done":
      case "written":
      case "subscribed":
        return this.#take(message)?.done(message);
    }
  }

  #bytes(message: ArrayBuffer): void {
    this.#heardAt = Date.now();
    const { frames, error } = decode(message);
    const batches = new Map<number, Frame[]>();
    for (const frame of frames) {
      const batch = batches.get(frame.channel);
      if (batch) batch.push(frame);
      else batches.set(frame.channel, [frame]);
    }
    for (const [number, batch] of batches) this.#numbers.get(number)?.take(batch);
    if (error !== null) this.distrust(error);
  }

  /** The question that a message answers. */
  #take(message: ServerMessage): Question | undefined {
    const id = message.id as number;
    const question = this.#asked.get(id);
    this.#asked.delete(id);
    return question;
  }

  #greet(message: ServerMessage): void {
    const hello = parseHello(message);
    if (hello.protocol !== PROTOCOL) {
      const told = `the server speaks version ${hello.protocol} of the protocol, this page ${PROTOCOL}: reload it`;
      this.#socket.refuse(new SerialdError("protocol", told));
      return;
    }
    this.#hello = hello;
    this.events.emit("hello", hello);
  }

  #list(message: ServerMessage): void {
    if (!this.#hello) return this.distrust("ports before hello");
    const states = objects(message.ports)
      .map(parsePort)
      .filter((state) => state !== null);
    const names = new Set(states.map((state) => state.name));
    const gone = [...this.#ports.keys()].filter((name) => !names.has(name));
    this.#ports.clear();
    for (const state of states) this.#ports.set(state.name, state);
    const first = this.status !== "online";
    if (first) this.#socket.greeted();
    this.events.emit("ports", this.#ports);
    for (const state of states) this.events.emit("port", state, state.name);
    for (const name of gone) this.events.emit("port", null, name);
    if (first) this.#begin();
  }

  /** Says everything that has waited for the greeting. */
  #begin(): void {
    this.ask({ type: "key", key: this.#key }, ignore, ignore);
    if (this.#name !== undefined && this.#name !== this.#hello?.name) {
      this.rename(this.#name).catch(ignore);
    }
    for (const channel of [...this.#channels]) channel.start();
    const early = this.#early;
    this.#early = [];
    for (const question of early) this.#put(question);
  }

  #end(number: number): void {
    const channel = this.#numbers.get(number);
    this.#numbers.delete(number);
    channel?.ended();
  }

  #change(state: PortState | null): void {
    if (!state) return;
    const added = !this.#ports.has(state.name);
    this.#ports.set(state.name, state);
    if (added) this.events.emit("ports", this.#ports);
    this.events.emit("port", state, state.name);
    if (!added || this.status !== "online") return;
    for (const channel of [...this.#channels]) if (channel.port === state.name) channel.start();
  }

  #forget(name: unknown): void {
    if (typeof name !== "string" || !this.#ports.delete(name)) return;
    this.events.emit("ports", this.#ports);
    this.events.emit("port", null, name);
  }

  #listPanels(listed: unknown): void {
    this.#panels = new Map(parsePanels(listed).map((panel) => [panel.name, panel]));
    this.events.emit("panels", this.#panels);
  }

  #alert(message: ServerMessage): void {
    const alert = parseAlert(message);
    if (alert) this.events.emit("alert", alert);
  }

  #started({ id, run }: ServerMessage): void {
    const number = count(run);
    if (number !== null) this.#asked.get(id as number)?.started?.(number);
  }

  #lost(): void {
    const asked = [...this.#asked.values()];
    const early = this.#early;
    this.#asked.clear();
    this.#early = [];
    this.#numbers.clear();
    for (const channel of [...this.#channels]) channel.lost();
    const told = "the connection ended before the answer came: whether it was done is not known";
    for (const question of asked) {
      guard(() => question.failed(new SerialdError("connection-lost", told)));
    }
    for (const question of early) guard(() => question.failed(this.#offline()));
  }

  #offline(): SerialdError {
    const told = this.error?.message ?? "there is no connection to the server";
    return new SerialdError("offline", `nothing was sent: ${told}`);
  }

  #askForLife(): void {
    if (this.status !== "online" || this.#isAsking) return;
    this.#isAsking = true;
    const told = "the server does not answer any more";
    const timer = setTimeout(
      () => this.#socket.drop(new SerialdError("offline", told)),
      SIGN_OF_LIFE_WITHIN,
    );
    const alive = () => {
      clearTimeout(timer);
      this.#isAsking = false;
    };
    this.ask({ type: "ping" }, alive, alive);
  }
}

function ignore(): void {}

/** A message's length on the wire; counted only where it could be over the limit. */
function byteLength(message: string | ArrayBuffer, limit: number): number {
  if (typeof message !== "string") return message.byteLength;
  return message.length * 3 > limit ? new TextEncoder().encode(message).length : message.length;
}
