// Times of bookings in words. Times are by this machine's clock, in milliseconds since the epoch.
import { span } from "../model/format.ts";

const DAY = 86_400_000;

/** How long ports can be booked at once, here. */
export const LENGTHS = [
  { value: "30m", text: "30 min" },
  { value: "1h", text: "1 h" },
  { value: "2h", text: "2 h" },
  { value: "4h", text: "4 h" },
  { value: "8h", text: "8 h" },
] as const;

export type Length = (typeof LENGTHS)[number]["value"];

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

/** A time of day, with the day where that is not today: "14:05", "Tue 24 Nov, 14:05". */
export function clockWords(time: number, now: number): string {
  const words = clock.format(time);
  return day.format(time) === day.format(now) ? words : `${day.format(time)}, ${words}`;
}

/** From when until when: "14:05 to 16:00", the day said once. */
export function spanWords(from: number, until: number, now: number): string {
  return `${clockWords(from, now)} to ${clockWords(until, day.format(from) === day.format(until) ? until : now)}`;
}

/** How long it is until a time: "52 min", to the minute; "less than a minute" at its end. */
export function leftWords(time: number, now: number): string {
  const left = time - now;
  if (left < 60_000) return "less than a minute";
  return span(left < DAY ? left : Math.round(left / DAY) * DAY);
}
