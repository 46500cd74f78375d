// Excerpt: a stretch of a port's journal, which is all of the port that whoever came by a link to it sees.
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
  const read = { from: number(from), to: number(to), since: number(since), until: number(until) };
  return Object.values(read).includes(null) ? null : (read as Excerpt);
}
