// Excerpt: a stretch of a port's journal, which is all of the port that whoever came by a link to it sees.
import { fullTimeText } from "../views/timestamps.ts";
import { fieldsOf, number } from "./fields.ts";

export interface Excerpt {
  /** The first byte, and the one behind the last. */
  from: number;
  to: number;
  /** The times of the first record and of the last, in microseconds since the epoch. */
  since: number;
  until: number;
}

/** Reads an excerpt; null where there is none. */
export function readExcerpt(value: unknown): Excerpt | null {
  const { from, to, since, until } = fieldsOf(value);
  const [begin, end, first, last] = [number(from), number(to), number(since), number(until)];
  if (begin === null || end === null || first === null || last === null) return null;
  return { from: begin, to: end, since: first, until: last };
}

/** From when to when, with the day once where it is one: "2026-11-23 14:02:11 – 14:07:40". */
export function whenText({ since, until }: Pick<Excerpt, "since" | "until">): string {
  const [first, last] = [fullTimeText(since).slice(0, 19), fullTimeText(until).slice(0, 19)];
  if (first === last) return first;
  const isOneDay = first.slice(0, 10) === last.slice(0, 10);
  return `${first} – ${isOneDay ? last.slice(11) : last}`;
}
