// Socket: the one connection to a server. It comes back by itself until it is refused or closed.
import { apiAddress } from "./address.ts";
import { SerialdError } from "./error.ts";

/**
 * - `connecting`: the first try is under way.
 * - `online`: the server has greeted.
 * - `offline`: it is tried again and again, next at `retryAt`.
 * - `refused`: the server wants a token, or the rights are missing: nothing is tried until `retry()`.
 */
export type Status = "connecting" | "online" | "offline" | "refused";

/** What is needed of a WebSocket: a browser's, Node's, or that of a package such as `ws`. */
export interface AnySocket {
  binaryType: string;
  send(data: string | ArrayBuffer): void;
  close(): void;
  // biome-ignore lint/suspicious/noExplicitAny: each has types of its own for its events
  addEventListener(type: string, listener: (event: any) => void): void;
}

export type AnySocketConstructor = new (address: string, protocols: string[]) => AnySocket;

/** What a {@link Socket} needs to know. */
export interface SocketOptions {
  address: string;
  token: string | undefined;
  WebSocket: AnySocketConstructor;
  fetch: typeof fetch | undefined;
}

/** What a {@link Socket} tells. */
export interface SocketEvents {
  text(message: string): void;
  bytes(message: ArrayBuffer): void;
  /** The connection has ended; what was under way on it is lost. */
  lost(): void;
  status(status: Status): void;
  /** The machine or the page woke up: the connection may be dead without anybody having said so. */
  woke(): void;
}

const PROTOCOL = "seriald.v1";
const FIRST_DELAY = 250;
const LONGEST_DELAY = 5_000;
/** A connection that lasted this long was a good one: the next delay is the first again. */
const GOOD_AFTER = 5_000;
/** From the first SYN to the server's greeting. */
const GREETING_WITHIN = 10_000;
/** The close code for a right that was taken away. */
const FORBIDDEN = 1008;

export class Socket {
  readonly #options: SocketOptions;
  readonly #events: SocketEvents;
  #socket: AnySocket | null = null;
  #status: Status = "connecting";
  #retryAt: number | null = null;
  #error: SerialdError | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #onlineSince = 0;
  #closed = false;

  constructor(options: SocketOptions, events: SocketEvents) {
    this.#options = options;
    this.#events = events;
    globalThis.addEventListener?.("online", this.#wake);
    globalThis.document?.addEventListener("visibilitychange", this.#wake);
    this.#connect();
  }

  get status(): Status {
    return this.#status;
  }

  /** When it is tried again, in milliseconds since the epoch; null while a try is under way. */
  get retryAt(): number | null {
    return this.#retryAt;
  }

  /** Why it is offline or refused. */
  get error(): SerialdError | null {
    return this.#error;
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(message: string | ArrayBuffer): void {
    this.#socket?.send(message);
  }

  /** The server has greeted. */
  greeted(): void {
    clearTimeout(this.#timer);
    this.#onlineSince = Date.now();
    this.#error = null;
    this.#become("online");
  }

  /** Tries now instead of later. */
  retry(): void {
    if (this.#closed || this.#socket) return;
    if (this.#status === "refused") this.#become("connecting");
    this.#connect();
  }

  /** Gives this connection up, and tries another. */
  drop(error: SerialdError): void {
    if (this.#discard()) this.#fail(error);
  }

  /** Gives this connection up for good, until `retry()`. */
  refuse(error: SerialdError): void {
    this.#discard();
    clearTimeout(this.#timer);
    this.#retryAt = null;
    this.#error = error;
    this.#events.lost();
    this.#become("refused");
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    globalThis.removeEventListener?.("online", this.#wake);
    globalThis.document?.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#timer);
    this.#discard();
    this.#retryAt = null;
    this.#error = new SerialdError("closed", "this client was closed");
    this.#events.lost();
    this.#become("offline");
  }

  readonly #wake = () => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.#status === "online") this.#events.woke();
    else if (this.#status === "offline") this.retry();
  };

  #connect(): void {
    clearTimeout(this.#timer);
    this.#retryAt = null;
    const { address, token, WebSocket } = this.#options;
    let socket: AnySocket;
    try {
      socket = new WebSocket(address, token ? [PROTOCOL, `bearer.${token}`] : [PROTOCOL]);
    } catch (error) {
      this.refuse(new SerialdError("refused", `${address}: ${String(error)}`));
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
    });
    socket.addEventListener("message", ({ data }: MessageEvent) => {
      if (this.#socket !== socket) return;
      if (typeof data === "string") this.#events.text(data);
      else if (data instanceof ArrayBuffer) this.#events.bytes(data);
    });
    // The close event that follows says all; some WebSockets throw where nobody listens.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", ({ code, reason }: CloseEvent) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (code === FORBIDDEN) {
        this.refuse(new SerialdError("forbidden", reason || "the server took the right away"));
        return;
      }
      const why = opened ? `the connection ended (${code})` : "the server cannot be reached";
      this.#fail(new SerialdError("offline", reason || why, { close: code }));
      if (!opened) void this.#askWhy();
    });
    this.#timer = setTimeout(
      () => this.drop(new SerialdError("offline", "the server does not answer")),
      GREETING_WITHIN,
    );
  }

  /** Lets go of the current connection without waiting for its end, which on a dead link takes minutes. */
  #discard(): boolean {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    return socket !== null;
  }

  #fail(error: SerialdError): void {
    clearTimeout(this.#timer);
    if (this.#status === "online" && Date.now() - this.#onlineSince >= GOOD_AFTER) {
      this.#failures = 0;
    }
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures);
    const delay = longest * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#error = error;
    this.#retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#events.lost();
    this.#become("offline");
  }

  /** A browser does not tell why a socket was refused; the same right on an HTTP address does. */
  async #askWhy(): Promise<void> {
    const { address, token, fetch } = this.#options;
    const init: RequestInit = { cache: "no-store" };
    if (token) init.headers = { authorization: `Bearer ${token}` };
    // Whoever may open the socket may see the ports.
    const response = await fetch?.(apiAddress(address, "ports"), init).catch(() => null);
    if (!response || this.#closed || this.#status === "online") return;
    switch (response.status) {
      case 401:
        return this.refuse(new SerialdError("unauthorized", "the server asks for a token"));
      case 403:
        return this.refuse(
          new SerialdError("forbidden", "the server does not allow this page or this token"),
        );
      case 421:
        return this.refuse(
          new SerialdError("forbidden", "the server does not answer under this host name"),
        );
    }
  }

  #become(status: Status): void {
    this.#status = status;
    this.#events.status(status);
  }
}
