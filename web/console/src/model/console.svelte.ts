// The console's picture of the server: the SDK's client, made visible to Svelte.
import type { Client, Hello, PageListing, PanelListing, PortState } from "seriald";
import type { Excerpt } from "./excerpt.ts";
import { askSession, hearPages, type Session } from "./session.ts";
import { Traffic } from "./traffic.ts";

const SAMPLE_MS = 1000;

export class Console {
  readonly client: Client;
  status: Client["status"] = $state.raw("connecting");
  /** When the next attempt to connect is made, in milliseconds since the epoch. */
  retryAt: number | null = $state.raw(null);
  /** Why it is offline or refused. */
  error: Client["error"] = $state.raw(null);
  hello: Hello | null = $state.raw(null);
  /** Who looks at this page; null until the server has told. */
  session: Session | null = $state.raw(null);
  /** Every port by name, as the server last told. */
  ports: ReadonlyMap<string, PortState> = $state.raw(new Map());
  /** Every panel by name, and every page that is bound, with the ports that they are for now. */
  panels: ReadonlyMap<string, PanelListing> = $state.raw(new Map());
  pages: readonly PageListing[] = $state.raw([]);
  /** Whether the server has told its ports yet: before that, "no ports" means nothing. */
  known = $state.raw(false);
  /** How often the server restarted under this page. */
  restarts = $state.raw(0);
  /** Each port's recent rates, one sample a second. */
  traffic: ReadonlyMap<string, readonly number[]> = $state.raw(new Map());

  /** The server's clock minus this one, in milliseconds. */
  #skew = 0;

  constructor(client: Client) {
    this.client = client;
  }

  /** Follows the client until the answer is called. */
  follow(): () => void {
    const { client } = this;
    const ports = () => {
      this.known ||= client.ports.size > 0 || client.status === "online";
      this.ports = new Map(client.ports);
    };
    const status = () => {
      this.status = client.status;
      this.retryAt = client.retryAt;
      this.error = client.error;
    };
    const boards = () => {
      this.panels = client.panels;
      this.pages = client.pages;
    };
    const traffic = new Traffic();
    const timer = setInterval(() => {
      if (client.status !== "online") return;
      traffic.sample(client.ports.values());
      this.traffic = traffic.series();
    }, SAMPLE_MS);
    const offs = [
      client.on("status", status),
      client.on("hello", () => this.#greet()),
      client.on("ports", ports),
      client.on("port", ports),
      client.on("panels", boards),
      client.on("pages", boards),
      () => clearInterval(timer),
      // One cookie is for all pages: whoever was refused may come in now.
      hearPages(() => {
        if (client.status === "refused") client.retry();
      }),
    ];
    status();
    ports();
    boards();
    this.#greet();
    return () => {
      for (const off of offs) off();
    };
  }

  /** Whether the server itself may be changed: its people, its panels. */
  get administers(): boolean {
    return this.session?.administers ?? false;
  }

  /** Whether somebody came by a share link, to one port. */
  get isGuest(): boolean {
    return this.session?.via === "share";
  }

  /** The one stretch that is shown of the port, and nothing else; null where more is. */
  get excerpt(): Excerpt | null {
    return this.session?.excerpt ?? null;
  }

  /** Whether share links may be made. */
  get mayShare(): boolean {
    return this.administers || (this.session?.name ?? null) !== null;
  }

  /** Whether a panel of a port may be used. */
  mayUse(panel: string, port: Pick<PortState, "may">): boolean {
    return port.may.includes("type") || this.session?.panel === panel;
  }

  /** Whether there may be ports that this page is not told of. */
  get seesLess(): boolean {
    return this.isGuest || (this.session?.accounts === true && !this.administers);
  }

  /** A time of the server's (µs) by this machine's clock (ms). */
  localTime(serverTime: number): number {
    return serverTime / 1000 - this.#skew;
  }

  /** The server's clock now, in µs. */
  serverTime(): number {
    return (Date.now() + this.#skew) * 1000;
  }

  /** The latest time of which anything is told: now, or where the excerpt ends, in µs. */
  latestTime(): number {
    return this.excerpt?.until ?? this.serverTime();
  }

  #greet(): void {
    const { hello } = this.client;
    if (!hello) return;
    const { boot, client } = this.hello ?? {};
    if (boot !== undefined && boot !== hello.boot) this.restarts++;
    if (boot !== hello.boot || client !== hello.client) void this.#meet();
    this.#skew = hello.time / 1000 - Date.now();
    this.hello = hello;
  }

  // Somebody else may be signed in since, or have other rights.
  async #meet(): Promise<void> {
    try {
      this.session = await askSession();
    } catch {
      // What was told last holds: whoever is away says so on the socket.
    }
  }
}
