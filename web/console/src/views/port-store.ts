// PortStore: what the three views of a port share: its log, its indexes, and the place one looks at.
import type { Port } from "seriald";
import { HexIndex } from "./hex.ts";
import { LineIndex } from "./lines.ts";
import { PortLog } from "./log.ts";

// Time per frame for indexing: the rest of a frame belongs to drawing and to the person.
const SLICE_MS = 6;

export class PortStore {
  readonly log: PortLog;
  readonly lines: LineIndex;
  readonly hex: HexIndex;
  /** Whether the views stick to the end. */
  following = true;
  /** The offset at the top of the view, while it does not follow. */
  anchor = 0;
  /** The head at the moment when the views stopped following. */
  seen = 0;
  /** The head at the moment of the pause: views show nothing behind it. Null while not paused. */
  until: number | null = null;

  constructor(port: Port) {
    this.log = new PortLog(port);
    this.lines = new LineIndex(this.log);
    this.hex = new HexIndex(this.log);
  }

  /** The offset up to which views show. */
  get shownTo(): number {
    return this.until ?? this.log.head;
  }

  /** Bytes of the journal that came and were not shown yet. */
  get unseen(): number {
    if (this.until !== null) return this.log.head - this.until;
    return this.following ? 0 : Math.max(0, this.log.head - this.seen);
  }

  /** Remembers the place; every view calls it when it moves. */
  keepPlace(following: boolean, anchor: number): void {
    if (this.following && !following) this.seen = this.log.head;
    this.following = following;
    this.anchor = anchor;
  }

  /** Holds the views still, or lets them go on. */
  pause(on: boolean): void {
    this.until = on ? (this.until ?? this.log.head) : null;
  }

  /** Hides all that came so far. */
  clear(): void {
    this.log.clear();
    if (this.until !== null) this.until = this.log.head;
    this.following = true;
  }

  /** Brings the indexes on; answers whether they are up to date. */
  index(): boolean {
    this.hex.take();
    return this.lines.take(SLICE_MS);
  }
}

const stores = new WeakMap<Port, PortStore>();

/** The store of a port: the same for as long as the page has the port. */
export function storeOf(port: Port): PortStore {
  const known = stores.get(port);
  if (known) return known;
  const store = new PortStore(port);
  stores.set(port, store);
  return store;
}
