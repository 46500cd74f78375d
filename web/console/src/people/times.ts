// When tokens and sessions end, and when somebody was here last, in words. Times are in microseconds since the epoch.
import type { Excerpt } from "../model/excerpt.ts";
import { span } from "../model/format.ts";
import { fullTimeText } from "../views/timestamps.ts";
import type { Elsewhere } from "./answers.ts";

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;

/** How long a token may live, in days; none: for ever. */
export const LIFETIMES = [
  { value: "7", text: "7 days" },
  { value: "30", text: "30 days" },
  { value: "90", text: "90 days" },
  { value: "365", text: "1 year" },
  { value: "", text: "No end" },
] as const;

export type Lifetime = (typeof LIFETIMES)[number]["value"];

/** Those of a token of whom only others know: the server takes none that is longer. */
export const SHORT_LIFETIMES = LIFETIMES.slice(0, 3);

/** When something ends that begins now; null: never. */
export function endOf(lifetime: Lifetime, now: number): number | null {
  return lifetime === "" ? null : now + Number(lifetime) * DAY_US;
}

/** How long a share link may count, in hours. */
export const SHARE_LIVES = [
  { value: "1", text: "1 hour" },
  { value: "8", text: "8 hours" },
  { value: "24", text: "1 day" },
  { value: "168", text: "7 days" },
] as const;

export type ShareLife = (typeof SHARE_LIVES)[number]["value"];

/** When a share link ends that is made now. */
export function shareEnd(life: ShareLife, now: number): number {
  return now + Number(life) * HOUR_US;
}

/** Until when something counts that ends soon. */
export function untilMinute(expires: number): string {
  return `until ${fullTimeText(expires).slice(0, 16)}`;
}

/** Until when something counts. */
export function untilWords(expires: number | null, now: number): string {
  if (expires === null) return "no end";
  if (expires <= now) return "ended";
  return `until ${dayOf(expires)}`;
}

/** What does not count for now, since its owner did not come for long. */
export function restWords(elsewhere: Elsewhere | null, owner: string, now: number): string[] {
  return elsewhere && (elsewhere.until ?? 0) <= now ? [`rests until ${owner} comes again`] : [];
}

/** How long ago something was; `never`: what is said where it was not. */
export function agoWords(time: number | null, never: string, now: number): string {
  if (time === null) return never;
  const ms = (now - time) / 1000;
  return ms < 60_000 ? "just now" : `${span(ms)} ago`;
}

/** From when to when, with the day once where it is one: "2026-11-23 14:02:11 – 14:07:40". */
export function whenText({ since, until }: Pick<Excerpt, "since" | "until">): string {
  const [first, last] = [fullTimeText(since).slice(0, 19), fullTimeText(until).slice(0, 19)];
  if (first === last) return first;
  const isOneDay = first.slice(0, 10) === last.slice(0, 10);
  return `${first} – ${isOneDay ? last.slice(11) : last}`;
}

/** The day of a time, such as 2026-11-23. */
function dayOf(time: number): string {
  return fullTimeText(time).slice(0, 10);
}
