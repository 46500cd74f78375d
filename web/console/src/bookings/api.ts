// The server's addresses for bookings.
import { ask, askWith } from "../model/ask.ts";
import { type Booking, readBooking, readBookings } from "./answers.ts";

/** What is to be booked; times in microseconds since the epoch. */
export interface Wanted {
  ports: string[];
  /** Any so many of them; all without. */
  count?: number;
  /** Now without. */
  from?: number;
  /** Such as `2h`. */
  for: string;
  title?: string;
  /** Whose it is, where there are no accounts. */
  name?: string;
}

/** All that have not ended, of ports that one may see. */
export async function bookings(): Promise<Booking[]> {
  return readBookings(await (await ask("bookings", { cache: "no-store" })).json());
}

export async function book(wanted: Wanted): Promise<Booking> {
  return readBooking(await (await askWith("POST", "bookings", wanted)).json());
}

/** Lets one end at another time. */
export async function extend(id: number, until: number): Promise<void> {
  await askWith("PATCH", `bookings/${id}`, { until });
}

export async function end(id: number): Promise<void> {
  await ask(`bookings/${id}`, { method: "DELETE" });
}
