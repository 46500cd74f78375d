// PlotStage: whether the plot is open beside the view, on which side and how large; kept in the browser.
import { between, type Checks, flag, keep, oneOf, readKept, recall } from "../model/kept.ts";

/** Where the plot stands. */
export type Place = "below" | "right";

interface Stage {
  open: boolean;
  place: Place;
  /** The plot's share of the room, in percent. */
  share: number;
}

export const SMALLEST_SHARE = 15;
export const LARGEST_SHARE = 85;
const KEY = "seriald.plot";
const DEFAULTS: Readonly<Stage> = { open: false, place: "below", share: 50 };
const CHECKS: Checks<Stage> = {
  open: flag,
  place: oneOf(["below", "right"]),
  share: between(SMALLEST_SHARE, LARGEST_SHARE),
};

class PlotStage {
  #kept: Readonly<Stage> = $state.raw(readKept(recall(KEY), DEFAULTS, CHECKS));
  /** The plot has all the room. */
  full = $state(false);
  /** A time (µs) that a port's plot is to show as soon as it can. */
  wanted: { port: string; time: number } | null = $state.raw(null);

  get open(): boolean {
    return this.#kept.open;
  }

  get place(): Place {
    return this.#kept.place;
  }

  get share(): number {
    return this.#kept.share;
  }

  toggle = (): void => {
    this.full = false;
    this.#change({ open: !this.open });
  };

  moveTo(place: Place): void {
    this.full = false;
    this.#change({ place });
  }

  /** Gives the plot another share of the room, in percent. */
  resize(share: number): void {
    this.#change({ share: Math.round(Math.min(LARGEST_SHARE, Math.max(SMALLEST_SHARE, share))) });
  }

  /** Half of the room again. */
  resetSize(): void {
    this.#change({ share: DEFAULTS.share });
  }

  /** Shows a time of a port, and opens the plot for that. */
  show(port: string, time: number): void {
    this.wanted = { port, time };
    if (!this.open) this.toggle();
  }

  /** Somebody chose a line of that time: an open plot points at it. */
  point(port: string, time: number): void {
    if (this.open && time > 0) this.wanted = { port, time };
  }

  #change(change: Partial<Stage>): void {
    this.#kept = { ...this.#kept, ...change };
    keep(KEY, this.#kept);
  }
}

/** The one stage of the page. */
export const plotStage = new PlotStage();
