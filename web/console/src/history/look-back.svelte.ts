// LookBack: which tools for looking back are open, and at what. The tools themselves are loaded when first asked for.
import type { Offset } from "seriald";
import { preferences } from "../model/preferences.svelte.ts";
import { narrow } from "../ui/screen-size.ts";

/** A stretch of a port's journal; without an end it goes on to where the journal ends now. */
export interface Stretch {
  from: Offset;
  to: Offset | null;
}

/** What stands over the page. */
export type Over =
  | { what: "mark"; at: Offset | null }
  | { what: "save"; stretch: Stretch | null }
  | { what: "recordings" }
  | { what: "moment" };

/** What is open beside the view. */
export type Tab = "search" | "marks";

export class LookBack {
  tab: Tab | null = $state(null);
  over: Over | null = $state.raw(null);
  #replay: { port: string; stretch: Stretch } | null = $state.raw(null);
  /** The time in what is played, to a quarter of a second. */
  replayTime: number | null = $state(null);
  /** A moment that its port's view is to show as soon as it can. */
  wanted: { port: string; offset: Offset; journal?: number | undefined } | null = $state.raw(null);

  // Over a phone's page the timeline is in the way until it is asked for.
  #overPhone = $state(false);

  /** Whether the timeline is shown. */
  get timeline(): boolean {
    return narrow.current ? this.#overPhone : preferences.timeline;
  }

  toggleTimeline = (): void => {
    if (narrow.current) this.#overPhone = !this.#overPhone;
    else preferences.timeline = !preferences.timeline;
  };

  search = (): void => {
    this.tab = "search";
  };

  marks = (): void => {
    this.tab = "marks";
  };

  closeTab = (): void => {
    this.tab = null;
  };

  /** Asks for a mark's text, for now or for a moment. */
  mark = (at: Offset | null = null): void => {
    this.over = { what: "mark", at };
  };

  /** Asks how to save a stretch, or all. */
  save = (stretch: Stretch | null = null): void => {
    this.over = { what: "save", stretch };
  };

  /** Asks for a time to go to. */
  moment = (): void => {
    this.over = { what: "moment" };
  };

  recordings = (): void => {
    this.over = { what: "recordings" };
  };

  /** What is played of a port instead of its live view. */
  replayOf(port: string): Stretch | null {
    return this.#replay?.port === port ? this.#replay.stretch : null;
  }

  /** Plays a stretch of a port. */
  play(port: string, from: Offset, to: Offset | null = null): void {
    if (narrow.current) this.tab = null;
    this.#replay = { port, stretch: { from, to } };
  }

  /** Goes back to the live view. */
  closeReplay = (): void => {
    this.#replay = null;
  };

  /** Closes what stands over the page. */
  closeOver = (): void => {
    this.over = null;
  };
}
