// A model of the server for tests: journals, channels with credit, and a WebSocket that can be cut at any moment.
import { type From, parseMessage, type ServerMessage } from "../talk.ts";

/** A seeded source of chance, so that a failure can be played again. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Waits until everything that can go on without time passing has gone on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

interface Entry {
  kind: number;
  offset: number;
  time: number;
  payload: Uint8Array;
  /** How many offsets it takes. */
  length: number;
}

/** A header and its payload. */
export function frame(
  kind: number,
  channel: number,
  offset: number,
  payload: Uint8Array,
  { live = true, time = 0, flags = 0 } = {},
): Uint8Array {
  const bytes = new Uint8Array(24 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint8(1, (live ? 1 : 0) | flags);
  view.setUint16(2, channel, true);
  view.setUint32(4, payload.length, true);
  view.setBigUint64(8, BigInt(offset), true);
  view.setBigUint64(16, BigInt(time), true);
  bytes.set(payload, 24);
  return bytes;
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

let lastJournal = 2 ** 31;

/** A port's journal. */
export class Journal {
  readonly id = ++lastJournal;
  readonly entries: Entry[] = [];
  oldest = 0;
  head = 0;
  time = 1_000;

  append(kind: "rx" | "tx" | "note", payload: Uint8Array, author = ""): void {
    const name = new TextEncoder().encode(author);
    const whole = kind === "tx" ? join([Uint8Array.of(name.length), name, payload]) : payload;
    const number = { rx: 1, tx: 2, note: 3 }[kind];
    this.time += 1;
    this.entries.push({
      kind: number,
      offset: this.head,
      time: this.time,
      payload: whole,
      length: payload.length,
    });
    this.head += payload.length;
  }

  rx(text: string): void {
    this.append("rx", new TextEncoder().encode(text));
  }

  /** Keeps only what begins at or behind an offset. */
  trim(offset: number): void {
    while (this.entries[0] && this.entries[0].offset < offset) this.entries.shift();
    this.oldest = this.entries[0]?.offset ?? this.head;
  }
}

class Channel {
  readonly journal: Journal;
  readonly to: number;
  readonly liveFrom: number;
  next: number;
  credit: number;

  constructor(journal: Journal, from: number, to: number, credit: number) {
    this.journal = journal;
    this.to = to;
    this.next = from;
    this.liveFrom = journal.head;
    this.credit = credit;
  }

  get isDone(): boolean {
    return this.next >= this.to;
  }

  /** The next frame, if there is one and credit for it. */
  take(number: number): Uint8Array | null {
    const { journal } = this;
    const last = Math.min(journal.head, this.to);
    if (this.credit <= 0 || this.next >= last) return null;
    let bytes: Uint8Array;
    if (this.next < journal.oldest) {
      const end = new Uint8Array(8);
      const goesOn = Math.min(journal.oldest, last);
      new DataView(end.buffer).setBigUint64(0, BigInt(goesOn), true);
      bytes = frame(4, number, this.next, end, { live: false, time: journal.time });
      this.next = goesOn;
    } else {
      const entry = journal.entries.find(({ offset, length }) => offset + length > this.next);
      if (!entry) return null;
      const live = entry.offset >= this.liveFrom;
      const isRx = entry.kind === 1;
      const cut = isRx ? this.next - entry.offset : 0;
      const end = isRx ? Math.min(entry.length, last - entry.offset) : entry.payload.length;
      bytes = frame(entry.kind, number, entry.offset + cut, entry.payload.subarray(cut, end), {
        live,
        time: entry.time,
      });
      this.next = isRx ? entry.offset + end : entry.offset + entry.length;
    }
    this.credit -= bytes.length;
    return bytes;
  }
}

/** The server's end of one connection. */
export class Peer {
  readonly channels = new Map<number, Channel>();
  /** Everything the client said, binary messages as bytes. */
  readonly heard: (ServerMessage | Uint8Array)[] = [];
  readonly protocols: readonly string[];
  readonly #socket: FakeSocket;
  #lastChannel = 0;
  alive = true;

  constructor(socket: FakeSocket, protocols: readonly string[]) {
    this.#socket = socket;
    this.protocols = protocols;
  }

  newChannel(channel: Channel): number {
    this.#lastChannel += 1;
    this.channels.set(this.#lastChannel, channel);
    return this.#lastChannel;
  }

  say(message: object): void {
    this.#send(JSON.stringify(message));
  }

  sayText(message: string): void {
    this.#send(message);
  }

  sayBytes(bytes: Uint8Array): void {
    this.#send(new Uint8Array(bytes).buffer);
  }

  /** What was said and has not arrived is lost, as on a real network. */
  cut(code = 1006, reason = ""): void {
    if (!this.alive) return;
    this.alive = false;
    this.#socket.ended(code, reason);
  }

  messages(type: string): ServerMessage[] {
    return this.heard.filter(
      (message): message is ServerMessage =>
        !(message instanceof Uint8Array) && message.type === type,
    );
  }

  #send(data: string | ArrayBuffer): void {
    queueMicrotask(() => {
      if (this.alive) this.#socket.dispatch("message", { data });
    });
  }
}

class FakeSocket {
  binaryType = "blob";
  readonly #listeners = new Map<string, ((event: object) => void)[]>();
  readonly #server: FakeServer;
  #peer: Peer | null = null;

  constructor(server: FakeServer, protocols: readonly string[]) {
    this.#server = server;
    queueMicrotask(() => {
      if (server.down) return this.ended(1006, "");
      this.#peer = new Peer(this, protocols);
      this.dispatch("open", {});
      server.accept(this.#peer);
    });
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    const listeners = this.#listeners.get(type) ?? [];
    listeners.push(listener);
    this.#listeners.set(type, listeners);
  }

  send(data: string | ArrayBuffer): void {
    if (this.#peer?.alive) this.#server.hear(this.#peer, data);
  }

  close(): void {
    this.#peer?.cut(1000);
  }

  dispatch(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  ended(code: number, reason: string): void {
    queueMicrotask(() => this.dispatch("close", { code, reason }));
  }
}

/** A server with journals by port name. */
export class FakeServer {
  readonly journals = new Map<string, Journal>();
  readonly peers: Peer[] = [];
  /** Answers requests of a type before the model does; true: answered. */
  readonly answers = new Map<string, (peer: Peer, message: ServerMessage) => boolean>();
  /** Nobody listens. */
  down = false;
  boot = "first";
  limits = { message: 1 << 20, write: 1 << 16, subscriptions: 256 };
  may = ["see", "type", "control", "administer"];
  /** Records in one binary message. */
  batch = 4;

  /** To be given to `connect`. */
  get WebSocket(): typeof WebSocket {
    const server = this;
    return class extends FakeSocket {
      constructor(_address: string, protocols: string[]) {
        super(server, protocols);
      }
    } as unknown as typeof WebSocket;
  }

  /** The latest connection's end. */
  get peer(): Peer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error("nobody has connected");
    return peer;
  }

  journal(name: string): Journal {
    const journal = this.journals.get(name) ?? new Journal();
    this.journals.set(name, journal);
    return journal;
  }

  state(name: string): object {
    const { id, oldest, head, entries } = this.journal(name);
    const journal = { id, oldest, head, since: entries[0]?.time ?? null };
    return { name, state: "open", journal, may: this.may };
  }

  accept(peer: Peer): void {
    this.peers.push(peer);
    peer.say({
      type: "hello",
      protocol: 1,
      version: "0",
      boot: this.boot,
      client: `c${this.peers.length}`,
      name: "guest",
      time: 5_000,
      may: this.may,
      limits: this.limits,
    });
    peer.say({ type: "ports", ports: [...this.journals.keys()].map((name) => this.state(name)) });
  }

  /** Sends what is due on every connection. */
  pump(): void {
    for (const peer of this.peers) {
      if (!peer.alive) continue;
      for (const [number, channel] of peer.channels) {
        for (;;) {
          const frames: Uint8Array[] = [];
          while (frames.length < this.batch) {
            const next = channel.take(number);
            if (!next) break;
            frames.push(next);
          }
          if (frames.length === 0) break;
          peer.sayBytes(join(frames));
        }
        if (!channel.isDone) continue;
        peer.channels.delete(number);
        peer.say({ type: "ended", channel: number });
      }
    }
  }

  hear(peer: Peer, data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data.slice(0));
      const id = new DataView(data).getUint32(4, true);
      peer.heard.push(bytes);
      const written = { type: "written", id, offset: 0, length: bytes.length - 8 };
      if (!this.answers.get("binary")?.(peer, written)) peer.say(written);
      return;
    }
    const message = parseMessage(data);
    if (!message) throw new Error(`the client said ${data}`);
    peer.heard.push(message);
    if (!this.answers.get(message.type)?.(peer, message)) this.#answer(peer, message);
    this.pump();
  }

  #answer(peer: Peer, message: ServerMessage): void {
    const { type, id } = message;
    switch (type) {
      case "subscribe":
        return this.#subscribe(peer, message);
      case "unsubscribe":
        peer.channels.delete(message.channel as number);
        return peer.say({ type: "done", id });
      case "credit": {
        const channel = peer.channels.get(message.channel as number);
        if (channel) channel.credit += message.bytes as number;
        return;
      }
      case "mark": {
        const journal = this.journal(message.port as string);
        const note = { what: "mark", text: message.text, by: "guest", at: message.at };
        const offset = journal.head;
        journal.append("note", new TextEncoder().encode(JSON.stringify(note)));
        return peer.say({ type: "done", id, offset });
      }
      case "moment": {
        const { entries, head } = this.journal(message.port as string);
        const found = entries.find(({ time }) => time >= (message.time as number));
        return peer.say({ type: "done", id, offset: found?.offset ?? head });
      }
      case "write":
        return peer.say({ type: "written", id, offset: 7, length: 1 });
      default:
        return peer.say({ type: "done", id });
    }
  }

  #subscribe(peer: Peer, { id, port, from, to, journal: wanted, credit }: ServerMessage): void {
    const journal = this.journals.get(port as string);
    if (!journal) return peer.say({ type: "error", id, code: "unknown-port", message: "none" });
    const { oldest, head } = journal;
    const at = place(journal, from as From);
    const end = (to as number | undefined) ?? Number.POSITIVE_INFINITY;
    const isOut = at > head || (to !== undefined && (end < at || end > head));
    if (isOut || (wanted !== undefined && wanted !== journal.id)) {
      return peer.say({ type: "error", id, code: "out-of-range", message: "gone", oldest, head });
    }
    const channel = new Channel(
      journal,
      at,
      end,
      (credit as number | undefined) ?? Number.POSITIVE_INFINITY,
    );
    const number = peer.newChannel(channel);
    peer.say({
      type: "subscribed",
      id,
      port,
      channel: number,
      journal: journal.id,
      from: at,
      oldest,
      head,
    });
  }
}

function place({ oldest, head }: Journal, from: From): number {
  if (from === "now") return head;
  if (from === "oldest") return oldest;
  return from < 0 ? Math.max(oldest, head + from) : from;
}
