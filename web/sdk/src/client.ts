// Client: a server's ports, over one connection that comes back by itself.
import { portOfPage, socketAddress } from "./address.ts";
import { type ClientListeners, Connection } from "./connection.ts";
import type { SerialdError } from "./error.ts";
import { pageKey } from "./key.ts";
import type { PageListing, PanelListing } from "./listing.ts";
import { PanelFile } from "./panel-file.ts";
import { Port } from "./port.ts";
import { Rest } from "./rest.ts";
import type { AnySocketConstructor, Status } from "./socket.ts";
import type { Hello, PortState } from "./talk.ts";

export interface ConnectOptions {
  /** The server's address, such as `http://pi.lan:8080/`. Without it: where this module or page came from. */
  url?: string | undefined;
  /** Needed where the server asks for one and the page has no session. */
  token?: string | undefined;
  /** The name that others see. */
  name?: string | undefined;
  /** For programs where there is no global one. */
  WebSocket?: AnySocketConstructor | undefined;
  fetch?: typeof fetch | undefined;
}

/** Connects to a server. `status` tells how it goes; throws only where an option makes no sense. Requests made meanwhile wait for the first greeting. */
export function connect(options: ConnectOptions = {}): Client {
  return new Client(options);
}

export class Client {
  readonly #connection: Connection;
  readonly #rest: Rest;
  readonly #ports = new Map<string | undefined, Port>();

  constructor(options: ConnectOptions) {
    const address = socketAddress(options.url, import.meta.url, globalThis.document?.baseURI);
    const { token, name, fetch = globalThis.fetch } = options;
    const WebSocket = options.WebSocket ?? globalThis.WebSocket;
    if (!WebSocket) {
      throw new TypeError("there is no WebSocket here: give connect() one, as of the package ws");
    }
    const key = pageKey();
    const nameNow = () => this.#connection.hello?.name;
    this.#rest = new Rest({ address, token, fetch, key, name: nameNow });
    this.#connection = new Connection({ address, token, WebSocket, fetch }, name, key);
  }

  get status(): Status {
    return this.#connection.status;
  }

  /** When it is tried again, in milliseconds since the epoch; null unless offline, and while a try is under way. */
  get retryAt(): number | null {
    return this.#connection.retryAt;
  }

  /** Why it is offline or refused. */
  get error(): SerialdError | null {
    return this.#connection.error;
  }

  /** The latest greeting; kept while offline. */
  get hello(): Hello | null {
    return this.#connection.hello;
  }

  /** The ports by name; while offline as they were last. */
  get ports(): ReadonlyMap<string, PortState> {
    return this.#connection.ports;
  }

  /** The panels by name; while offline as they were last. */
  get panels(): ReadonlyMap<string, PanelListing> {
    return this.#connection.panels;
  }

  /** The pages for devices; while offline as they were last. */
  get pages(): readonly PageListing[] {
    return this.#connection.pages;
  }

  /**
   * The port of that name, there or not; always the same object.
   * Without a name: the one that the page's address tells (`?port=NAME`), else the first that the server has.
   */
  port(name: string | undefined = portOfPage(globalThis.location?.search)): Port {
    const port = this.#ports.get(name) ?? new Port(this.#connection, this.#rest, name);
    this.#ports.set(name, port);
    return port;
  }

  /** The panel of that name on the server, there or not. */
  panel(name: string): PanelFile {
    return new PanelFile(this.#rest, name);
  }

  /** Adds a listener; the answer removes it. */
  on<K extends keyof ClientListeners>(event: K, listener: ClientListeners[K]): () => void {
    return this.#connection.events.on(event, listener);
  }

  /** Changes the name that others see, on later connections too. */
  rename(name: string): Promise<void> {
    return this.#connection.rename(name);
  }

  /** Tries at once, where it is offline or refused. */
  retry(): void {
    this.#connection.retry();
  }

  close(): void {
    this.#connection.close();
  }
}
