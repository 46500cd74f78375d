// PortStore: what the three views of a port share: its log, its indexes, and the place one looks at.
import type { Port } from "seriald";
import { HexIndex } from "./hex.ts";
import { LineIndex, MOST_ROWS } from "./lines.ts";
import { PortLog } from "./log.ts";
import { Tints } from "./tints.ts";
import type { Extent } from "./view.ts";

// Time per frame for indexing: the rest of a frame belongs to drawing and to the person.
const SLICE_MS = 6;
// Bytes that a filter goes further back at once.
const FURTHER = 8 * 1024 * 1024;

export class PortStore {
  readonly log: PortLog;
  readonly lines: LineIndex;
  readonly hex: HexIndex;
  readonly tints: Tints;
  /** Whether the views stick to the end. */
  following = true;
  /** The offset at the top of the view, while it does not follow. */
  anchor = 0;
  /** The offset that was gone to, for its mark. */
  highlight: number | null = null;
  /** The head at the moment when the views stopped following. */
  seen = 0;
  /** The head at the moment of the pause: views show nothing behind it. Null while not paused. */
  until: number | null = null;

  constructor(port: Port) {
    this.log = new PortLog(port);
    this.lines = LineIndex.of(this.log);
    this.hex = HexIndex.of(this.log);
    this.tints = new Tints(this.log);
  }

  /** The offset up to which views show. */
  get shownTo(): number {
    return Math.min(this.until ?? Number.POSITIVE_INFINITY, this.log.head);
  }

  /** Bytes of the journal that came and were not shown yet. */
  get unseen(): number {
    const { serverHead } = this.log;
    if (this.until !== null) return serverHead - this.until;
    return this.following ? 0 : Math.max(0, serverHead - this.seen);
  }

  /** Remembers the place; every view calls it when it moves. */
  keepPlace(following: boolean, place: Extent): void {
    if (this.following && !following) this.seen = this.log.serverHead;
    this.following = following;
    this.anchor = place.from;
    this.log.look(following ? null : place);
  }

  /** Goes to an offset, wherever it is, and marks it unless told; answers whether it is here now. */
  async goTo(offset: number, marks = true): Promise<boolean> {
    if (this.following) this.seen = this.log.serverHead;
    this.until = null;
    this.following = false;
    this.anchor = offset;
    this.highlight = marks ? offset : null;
    const isHere = await this.log.goTo(offset);
    this.index(Number.POSITIVE_INFINITY);
    return isHere;
  }

  /** Whether there is room for more of the past than is here. */
  get mayLookFurther(): boolean {
    const { log } = this;
    return log.head - log.oldest + FURTHER < log.widest;
  }

  /** Brings more of the past here, wherever one looks: a filter has too few rows to scroll. */
  lookFurther(): void {
    const { log } = this;
    log.look({ from: Math.max(log.serverOldest, log.oldest - FURTHER), to: log.head });
  }

  /** Goes to the newest. */
  toEnd(): void {
    this.following = true;
    this.highlight = null;
    this.log.toEnd();
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

  /** Brings the indexes on for so many milliseconds; answers whether they are up to date. */
  index(milliseconds = SLICE_MS): boolean {
    const isDone = this.lines.take(milliseconds);
    // What is much in rows and little in bytes is bounded too.
    while (this.lines.next - this.lines.first > MOST_ROWS) {
      this.log.shrink();
      this.lines.take(0);
    }
    this.hex.take();
    this.tints.take();
    return isDone;
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
