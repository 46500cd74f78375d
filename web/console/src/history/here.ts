// Here: the place in a view that a tool for looking back is to begin at.
import type { Screen } from "../port/screen.svelte.ts";

/** The part of a screen that has a place. */
export type Placed = Pick<Screen, "status" | "view">;

/** The row that a person has chosen; null where none is chosen: what is told then is at the top, or above. */
export function chosenIn({ status, view }: Placed): number | null {
  const chosen = view?.chosen() ?? 0;
  return chosen > status.from ? chosen : null;
}

/** The chosen row, or else what is at the top of the view. */
export function hereIn(screen: Placed): number {
  return chosenIn(screen) ?? screen.status.from;
}
