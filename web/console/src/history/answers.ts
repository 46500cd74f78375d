// What the server's addresses for looking back answer (docs/history.md): the types, and the reading, of which nothing is believed unseen.
import { type Fields, fieldsOf, listOf, number, text, texts } from "../model/fields.ts";

/** How much happened in one step of a timeline. */
export interface Step {
  /** When it begins, in microseconds since the epoch. */
  time: number;
  /** The first record in it. */
  offset: number;
  rx: number;
  tx: number;
  notes: number;
}

/** Activity over time. Steps in which nothing happened are left out. */
export interface Timeline {
  from: number;
  to: number;
  /** The length of each step, in microseconds. */
  step: number;
  points: Step[];
}

/** A text that somebody pinned to a moment. */
export interface Mark {
  offset: number;
  /** The moment that it is pinned to. */
  at: number;
  /** When that moment was. */
  time: number;
  text: string;
  by: string | null;
}

/** A record's place and time; the time is null at the head. */
export interface Moment {
  offset: number;
  time: number | null;
}

/** A place where a search found something. */
export interface Match {
  type: "match";
  port: string;
  kind: "rx" | "tx" | "note";
  offset: number;
  length: number;
  time: number;
  /** The line without escape sequences; the match is from `start` to `end` in it, in characters. */
  text: string;
  start: number;
  end: number;
  before: string[];
  after: string[];
  /** Who typed it or did it. */
  author: string | null;
}

/** How far a search has come, in bytes of all journals together. */
export interface Progress {
  type: "progress";
  searched: number;
  of: number;
}

/** The end of a search; `more` is what to go on with when the limit ended it. */
export interface End {
  type: "end";
  matches: number;
  more: string | null;
}

export type SearchAnswer = Match | Progress | End;

/** The recording of one port on the server's disk. */
export interface Recording {
  name: string;
  /** Whether the server lists that port now. */
  listed: boolean;
  bytes: number;
  files: number;
  oldest: number;
  head: number;
  since: number | null;
  until: number | null;
}

/** All recordings, and the room that they have. */
export interface Recordings {
  folder: string;
  bytes: number;
  limit: number | null;
  free: number | null;
  problem: string | null;
  ports: Recording[];
}

const count = (value: unknown): number => number(value) ?? 0;

/** Reads a timeline. */
export function readTimeline(value: unknown): Timeline {
  const { from, to, step, points } = fieldsOf(value);
  return {
    from: count(from),
    to: Math.max(count(from), count(to)),
    step: Math.max(1, count(step)),
    points: listOf(points)
      .map((point) => ({
        time: count(point.time),
        offset: count(point.offset),
        rx: count(point.rx),
        tx: count(point.tx),
        notes: count(point.notes),
      }))
      .sort((a, b) => a.time - b.time),
  };
}

/** Reads the marks. */
export function readMarks(value: unknown): Mark[] {
  return listOf(value).map((mark) => ({
    offset: count(mark.offset),
    at: number(mark.at) ?? count(mark.offset),
    time: count(mark.time),
    text: text(mark.text),
    by: text(mark.by) || null,
  }));
}

/** Reads a moment. */
export function readMoment(value: unknown): Moment {
  const { offset, time } = fieldsOf(value);
  return { offset: count(offset), time: number(time) };
}

/** Reads a line of a search's answer; null where it is none that this page knows. */
export function readSearchAnswer(value: unknown): SearchAnswer | null {
  const fields = fieldsOf(value);
  switch (fields.type) {
    case "match":
      return readMatch(fields);
    case "progress":
      return { type: "progress", searched: count(fields.searched), of: count(fields.of) };
    case "end":
      return { type: "end", matches: count(fields.matches), more: text(fields.more) || null };
    default:
      return null;
  }
}

function readMatch(fields: Fields): Match {
  const { kind } = fields;
  return {
    type: "match",
    port: text(fields.port),
    kind: kind === "tx" || kind === "note" ? kind : "rx",
    offset: count(fields.offset),
    length: count(fields.length),
    time: count(fields.time),
    text: text(fields.text),
    start: count(fields.start),
    end: Math.max(count(fields.start), count(fields.end)),
    before: texts(fields.before),
    after: texts(fields.after),
    author: text(fields.author) || null,
  };
}

/** Reads the list of recordings. */
export function readRecordings(value: unknown): Recordings {
  const fields = fieldsOf(value);
  return {
    folder: text(fields.folder),
    bytes: count(fields.bytes),
    limit: number(fields.limit),
    free: number(fields.free),
    problem: text(fields.problem) || null,
    ports: listOf(fields.ports).map((port) => ({
      name: text(port.name),
      listed: port.listed === true,
      bytes: count(port.bytes),
      files: count(port.files),
      oldest: count(port.oldest),
      head: count(port.head),
      since: number(port.since),
      until: number(port.until),
    })),
  };
}
