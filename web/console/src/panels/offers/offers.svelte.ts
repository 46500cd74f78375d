// Offers: the panel that the device of a port has described, until somebody has decided about it.
import type { Panel } from "seriald";
import type { PortStore } from "../../views/port-store.ts";
import { foreign } from "../editor/files.ts";
import { parsePanel } from "../editor/plain-panel.ts";
import { OfferScanner } from "./offer-scanner.ts";
import { isRemembered, nameOf, remember } from "./remembered.ts";

/** A panel that a device offers. */
export interface Offer {
  name: string;
  panel: Panel;
  /** Somebody asked the device for it. */
  wasAsked: boolean;
}

// What came before the page did is looked through so far back; of a flood, so much in a frame.
const MOST_BYTES = 256 * 1024;

export class Offers {
  readonly #store: PortStore;
  readonly #port: string;
  /** Whether the device was asked: then what was turned down before is offered again. */
  readonly #wasAsked: () => boolean;
  readonly #scanner: OfferScanner;
  #next = 0;
  #generation = -1;
  offer: Offer | null = $state.raw(null);

  constructor(store: PortStore, port: string, wasAsked: () => boolean) {
    this.#store = store;
    this.#port = port;
    this.#wasAsked = wasAsked;
    this.#scanner = new OfferScanner((line) => this.#take(line));
  }

  /** Looks through what comes until the answer is called. */
  follow(): () => void {
    this.#scan();
    return this.#store.log.onframe(() => this.#scan());
  }

  /** Somebody has decided: it is not offered again. */
  decide(): void {
    if (this.offer) remember(this.offer.name);
    this.offer = null;
  }

  #scan(): void {
    const { log } = this.#store;
    // Somebody looks at the past, where nothing is offered any more.
    if (!log.isLive) return;
    const from = Math.max(log.oldest, log.head - MOST_BYTES);
    if (log.generation !== this.#generation || from > this.#next) {
      this.#generation = log.generation;
      this.#next = from;
      this.#scanner.reset();
    }
    if (log.head <= this.#next) return;
    this.#scanner.take(log.bytes(this.#next, log.head));
    this.#next = log.head;
  }

  #take(line: string): void {
    const name = nameOf(line);
    const wasAsked = this.#wasAsked();
    if (isRemembered(name) && !wasAsked) return;
    try {
      const panel = parsePanel(foreign(JSON.parse(line), this.#port));
      if (panel) this.offer = { name, panel, wasAsked };
    } catch {
      // A line that only begins like one.
    }
  }
}
