// HitPicture: the line of a match, cut to what is near it.
import type { Match } from "./answers.ts";

export interface HitPicture {
  before: string;
  hit: string;
  after: string;
}

const MOST_BEFORE = 60;
const MOST_HIT = 400;
const MOST_AFTER = 240;
const CUT = "…";

/** Cuts a match's line. The server counts characters, which in JavaScript may be two units each. */
export function pictureOf({ text, start, end }: Pick<Match, "text" | "start" | "end">): HitPicture {
  const characters = [...text];
  const piece = (from: number, to: number) => characters.slice(from, to).join("");
  const from = Math.max(0, start - MOST_BEFORE);
  const hitEnd = Math.min(end, start + MOST_HIT);
  const to = Math.min(characters.length, end + MOST_AFTER);
  return {
    before: (from > 0 ? CUT : "") + piece(from, start),
    hit: piece(start, hitEnd) + (hitEnd < Math.min(end, characters.length) ? CUT : ""),
    after: piece(end, to) + (to < characters.length ? CUT : ""),
  };
}

/** A line of context, cut where it is long. */
export function contextOf(line: string): string {
  const most = MOST_BEFORE + MOST_AFTER;
  return line.length > most ? `${line.slice(0, most)}${CUT}` : line;
}

/** Matches of one day. */
export interface Day {
  day: string;
  hits: Match[];
}

/** Matches of a port. */
export interface PortHits {
  port: string;
  hits: Match[];
  days: Day[];
}

const dayText = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/** Matches by port and day, in the order in which they came. */
export function groupHits(hits: readonly Match[]): PortHits[] {
  const groups = new Map<string, PortHits>();
  for (const hit of hits) {
    const group = groups.get(hit.port) ?? { port: hit.port, hits: [], days: [] };
    groups.set(hit.port, group);
    group.hits.push(hit);
    const day = dayText.format(new Date(hit.time / 1000));
    const last = group.days.at(-1);
    if (last?.day === day) last.hits.push(hit);
    else group.days.push({ day, hits: [hit] });
  }
  return [...groups.values()];
}
