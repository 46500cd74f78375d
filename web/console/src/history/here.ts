// Here: the place in a view that a tool for looking back is to begin at.
import type { Screen } from "../port/screen.svelte.ts";

/** The part of a screen that has a place. */
export type Placed = Pick<Screen, "status" | "view">;

/** What a person has chosen; null where nothing is. */
export function chosenIn({ view }: Placed): number | null {
  return view?.selection()?.from ?? null;
}

/** The first chosen row, or else what is at the top of the view. */
export function hereIn(screen: Placed): number {
  return chosenIn(screen) ?? screen.status.from;
}
