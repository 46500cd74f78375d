// Place: where a reader begins or ends in a journal, by offset or by time.
import type { From, Offset } from "./talk.ts";

/** A time by the server's clock; `time` is in microseconds since the epoch. */
export type Moment = Date | { time: number };

/** Where to begin: an offset, −N for N bytes before the head, one end of the journal, or the first record of that time or later. */
export type Place = From | Moment;

/** The offset to end before, or the time before which what is wanted came. */
export type End = Offset | Moment;

export function isMoment(place: Place | undefined): place is Moment {
  return typeof place === "object";
}

/** The microseconds since the epoch of a moment. Throws where there are none. */
export function microseconds(moment: Moment): number {
  const time = moment instanceof Date ? moment.getTime() * 1000 : moment.time;
  if (!Number.isFinite(time))
    throw new RangeError(`${String(moment)} is no time: an invalid Date?`);
  return Math.max(0, Math.floor(time));
}
