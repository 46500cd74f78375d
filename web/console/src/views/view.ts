// View: what each of the three pictures of a port's bytes can be told, and how it takes and keeps its place.
import type { PortStore } from "./port-store.ts";

/** What a view says about itself. */
export interface ViewStatus {
  /** The view sticks to the end. */
  following: boolean;
  paused: boolean;
  /** Bytes that came and were not shown, while paused or scrolled up. */
  unseen: number;
  /** Device bytes that this page keeps and shows. */
  bytes: number;
  /** The offset at the top of the view. */
  from: number;
  /** The offset behind the last that is in sight. */
  to: number;
  /** The time at the top of the view, in microseconds since the epoch; 0 where nothing is. */
  time: number;
}

/** A stretch of offsets. */
export interface Extent {
  from: number;
  to: number;
}

/** What a view can be told. */
export interface View {
  focus(): void;
  /** Opens the search. */
  find(): void;
  follow(): void;
  /** Brings an offset into sight. */
  goTo(offset: number): void;
  /** What is in sight. */
  extent(): Extent;
  /** The offset that a link to what is chosen leads to; what is at the top where nothing is chosen. */
  chosen(): number;
  /** The stretch that is chosen; null where nothing is. */
  selection(): Extent | null;
}

/** What every view is given. `tick` grows when there is something new to draw. */
export interface ViewProps {
  store: PortStore;
  tick: number;
  label: string;
  rowHeight: number;
  /** It was moved: whether it follows the end, and what is in sight. */
  onmove: (following: boolean, place: Extent) => void;
  /** Somebody wants to the oldest or the newest byte there is; true: the view is brought there. */
  onjump: (end: "first" | "last") => boolean;
  /** A link to an offset is to be copied. */
  onlink: (offset: number) => void;
  /** Somebody chose something of that time, in microseconds since the epoch. */
  onchoose: (time: number) => void;
}
