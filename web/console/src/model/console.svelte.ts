// The console's picture of the server: the SDK's client, made visible to Svelte.
import type { Client, Hello, PageListing, PanelListing, PortState } from "seriald";
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
    ];
    status();
    ports();
    boards();
    this.#greet();
    return () => {
      for (const off of offs) off();
    };
  }

  /** Whether this connection has a right. */
  may(right: Hello["may"][number]): boolean {
    return this.hello?.may.includes(right) ?? false;
  }

  /** A time of the server's (µs) by this machine's clock (ms). */
  localTime(serverTime: number): number {
    return serverTime / 1000 - this.#skew;
  }

  /** The server's clock now, in µs. */
  serverTime(): number {
    return (Date.now() + this.#skew) * 1000;
  }

  #greet(): void {
    const { hello } = this.client;
    if (!hello) return;
    if (this.hello && this.hello.boot !== hello.boot) this.restarts++;
    this.#skew = hello.time / 1000 - Date.now();
    this.hello = hello;
  }
}
