// Place: where a reader begins or ends in a journal, by offset or by time.
import type { From, Offset } from "./talk.ts";

/** A time by the server's clock; `time` is in microseconds since the epoch. */
export type Moment = Date | { time: number };

/** Where to begin: an offset, −N for N bytes before the head, one end of the journal, or the first record of that time or later. */
export type Place = From | Moment;

/** Where to end before: an offset, the first record of that time or later, or the head as it is when it is asked for. */
export type End = Offset | Moment | "now";

/** Later than any record: its place is the head. */
export const LAST_MOMENT: Moment = { time: Number.MAX_SAFE_INTEGER };

export function isMoment(place: Place | End | undefined): place is Moment {
  return typeof place === "object";
}

/** The microseconds since the epoch of a moment. Throws where there are none. */
export function microseconds(moment: Moment): number {
  const time = moment instanceof Date ? moment.getTime() * 1000 : moment.time;
  if (!Number.isFinite(time))
    throw new RangeError(`${String(moment)} is no time: an invalid Date?`);
  return Math.max(0, Math.floor(time));
}
