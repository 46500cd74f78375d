// A link to a moment: the page's own address with port, view, offset, and the journal that the offset is of.
import type { PortState } from "seriald";
import { formatRoute, type Route, type View } from "../model/route.ts";

type Kept = Pick<PortState, "name" | "journal">;

/** The address that shows a moment of a port. */
export function linkTo({ name, journal }: Kept, view: View, offset: number, page: string): string {
  const rest = new URLSearchParams({ at: String(offset), j: String(journal.id) });
  return new URL(formatRoute({ port: name, view, board: null, rest }), page).href;
}

/** What a link leads to, as far as it leads to a moment. */
export interface Linked {
  offset: number;
  journal: number | undefined;
}

/** The moment that an address names. */
export function momentIn({ rest }: Route): Linked | null {
  const offset = numberIn(rest.get("at"));
  return offset === null ? null : { offset, journal: numberIn(rest.get("j")) ?? undefined };
}

function numberIn(text: string | null): number | null {
  const number = text && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** Where a link leads, by what is kept: null where nowhere. `told` says what is not as it was meant. */
export function destination(
  { offset, journal }: Linked,
  port: Kept,
): { offset: number | null; told: string | null } {
  const { id, oldest, head, since } = port.journal;
  const from = since === null ? "" : `, which begins on ${new Date(since / 1000).toLocaleString()}`;
  if (journal !== undefined && journal !== id) {
    const told = `The link leads to another recording of ${port.name} than the one that is here${from}.`;
    return { offset: null, told };
  }
  if (offset < oldest) {
    const told = `What the link leads to is not kept any more. This is the oldest there is${from}.`;
    return { offset: oldest, told };
  }
  if (offset > head) {
    const told = `${port.name} has not come to where the link leads: offset ${offset}, and ${head} is the newest.`;
    return { offset: null, told };
  }
  return { offset, told: null };
}
