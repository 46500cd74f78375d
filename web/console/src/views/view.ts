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
}

/** What every view is given. `tick` grows when there is something new to draw. */
export interface ViewProps {
  store: PortStore;
  tick: number;
  label: string;
  rowHeight: number;
  onmove: (following: boolean, anchor: number) => void;
}
