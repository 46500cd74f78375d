// What the server answers about bookings, of which nothing is believed unseen.
import { Refusal } from "../model/ask.ts";
import { type Fields, fieldsOf, listOf, number, text, texts } from "../model/fields.ts";

/** Ports that are somebody's for a time. Times are in microseconds since the epoch. */
export interface Booking {
  id: number;
  ports: string[];
  by: string;
  /** Empty: nobody has said. */
  title: string;
  from: number;
  until: number;
  /** Whether this page may extend and end it. */
  mayChange: boolean;
}

/** Reads the bookings, those that begin first in front. */
export function readBookings(value: unknown): Booking[] {
  return listOf(value)
    .map(bookingOf)
    .sort((one, other) => one.from - other.from || one.id - other.id);
}

/** Reads one. */
export const readBooking = (value: unknown): Booking => bookingOf(fieldsOf(value));

function bookingOf({ id, ports, by, title, from, until, may_change }: Fields): Booking {
  return {
    id: number(id) ?? 0,
    ports: texts(ports),
    by: text(by),
    title: text(title),
    from: number(from) ?? 0,
    until: number(until) ?? 0,
    mayChange: may_change === true,
  };
}

/** What stands in the way of a booking; times in microseconds since the epoch. */
export interface Taken {
  port: string;
  by: string;
  until: number;
  /** From when on all that was wanted is free, for as long as it was wanted. */
  freeFrom: number;
}

/** Reads it out of why a booking was refused; null where that was for another reason. */
export function readTaken(error: unknown): Taken | null {
  if (!(error instanceof Refusal)) return null;
  const { port, by, until, free_from } = error.told;
  const [end, freeFrom] = [number(until), number(free_from)];
  if (end === null || freeFrom === null) return null;
  return { port: text(port), by: text(by), until: end, freeFrom };
}
