// What an excerpt is made of: how far it reaches around what one looks at, and what lies there.
import { momentAt, momentOf } from "../history/api.ts";
import type { Excerpt } from "../model/excerpt.ts";

/** What is on the page: a chosen stretch, a moment that is looked at; neither where that is the present. */
export interface Seen {
  selection: { from: number; to: number } | null;
  moment: number | null;
}

/** What is chosen, or so many seconds. */
export type Reach = "selection" | "60" | "300" | "1800";

/** How far an excerpt can reach, the likeliest first. */
export function reaches({ selection, moment }: Seen): { value: Reach; text: string }[] {
  const isPresent = moment === null;
  const text = (minutes: string) =>
    isPresent ? `The last ${minutes}` : `${minutes} before and after`;
  return [
    ...(selection ? [{ value: "selection" as const, text: "What is chosen" }] : []),
    { value: "60", text: text(isPresent ? "minute" : "1 minute") },
    { value: "300", text: text("5 minutes") },
    { value: "1800", text: text("30 minutes") },
  ];
}

/** What lies in it; null where nothing does. `now` is the server's clock, in microseconds. */
export async function measure(
  port: string,
  reach: Reach,
  seen: Seen,
  now: number,
  signal: AbortSignal,
): Promise<Excerpt | null> {
  const { from, to } = await endsOf(port, reach, seen, now, signal);
  if (to <= from) return null;
  const [first, last] = await Promise.all([
    momentOf(port, from, signal),
    momentOf(port, to - 1, signal),
  ]);
  const since = first.time ?? last.time ?? now;
  return { from, to, since, until: last.time ?? since };
}

async function endsOf(
  port: string,
  reach: Reach,
  { selection, moment }: Seen,
  now: number,
  signal: AbortSignal,
): Promise<{ from: number; to: number }> {
  if (reach === "selection" && selection) return selection;
  const length = Number(reach) * 1e6;
  const time = moment === null ? now : ((await momentOf(port, moment, signal)).time ?? now);
  const [first, behind] = await Promise.all([
    momentAt(port, time - length, signal),
    momentAt(port, time + length, signal),
  ]);
  return { from: first.offset, to: behind.offset };
}
