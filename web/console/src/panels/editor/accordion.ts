// Accordion: of several entries one is open at a time: the first that is wrong, or the only one, until somebody opens another.
import { type Problem, problemAt } from "./check.ts";

/** The id of the entry that is open at first. */
export function firstOpen(
  entries: readonly { id: string }[],
  problems: readonly Problem[],
  list: string,
): string | null {
  const wrong = entries.find((_, n) => problemAt(problems, `${list}[${n}]`) !== null);
  return wrong?.id ?? (entries.length === 1 ? (entries[0]?.id ?? null) : null);
}

/** The id of the entry that is open after one was opened or closed. */
export function opening(opened: string | null, id: string, open: boolean): string | null {
  if (open) return id;
  return opened === id ? null : opened;
}
