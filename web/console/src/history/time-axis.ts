// The axis of a timeline: the stretch of time that is shown, how it is moved and zoomed, and where its ticks are.

/** A stretch of time, in microseconds since the epoch. */
export interface TimeSpan {
  from: number;
  to: number;
}

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The stretches that one can ask for by name. */
export const RANGES = [
  { range: "10m", text: "10 min", length: 10 * MINUTE },
  { range: "1h", text: "1 hour", length: HOUR },
  { range: "1d", text: "1 day", length: DAY },
  { range: "all", text: "All", length: Number.POSITIVE_INFINITY },
] as const;
export type Range = (typeof RANGES)[number]["range"];

/** No timeline is shorter: the server counts by the minute. */
export const SHORTEST = 5 * MINUTE;

/** Where a time is on the axis, 0 at its beginning and 1 at its end. */
export function shareOf(time: number, { from, to }: TimeSpan): number {
  return to > from ? (time - from) / (to - from) : 0;
}

/** The time at a place on the axis. */
export function timeAt(share: number, { from, to }: TimeSpan): number {
  return from + share * (to - from);
}

/** A stretch zoomed by a factor; the time under the pointer stays there. Above 1 shows more time. */
export function zoomed(span: TimeSpan, about: number, factor: number, bounds: TimeSpan): TimeSpan {
  const longest = Math.max(SHORTEST, bounds.to - bounds.from);
  const length = Math.min(longest, Math.max(SHORTEST, (span.to - span.from) * factor));
  const from = about - shareOf(about, span) * length;
  return within({ from, to: from + length }, bounds);
}

/** A stretch moved by some time. */
export function panned(span: TimeSpan, by: number, bounds: TimeSpan): TimeSpan {
  return within({ from: span.from + by, to: span.to + by }, bounds);
}

/** The newest stretch of a length. */
export function newest(length: number, bounds: TimeSpan): TimeSpan {
  const whole = Math.max(SHORTEST, bounds.to - bounds.from);
  return { from: bounds.to - Math.min(length, whole), to: bounds.to };
}

function within(span: TimeSpan, bounds: TimeSpan): TimeSpan {
  const length = span.to - span.from;
  // A recording that is shorter than the axis stands at its right end.
  const to = Math.min(bounds.to, Math.max(span.to, bounds.from + length));
  return { from: to - length, to };
}

/** A tick of the axis. */
export interface Tick {
  time: number;
  text: string;
}

const STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  180,
  360,
  720,
  1440,
  2 * 1440,
  7 * 1440,
  14 * 1440,
  30 * 1440,
  90 * 1440,
  365 * 1440,
].map((minutes) => minutes * MINUTE);

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** At most so many ticks, at round local times; a tick at midnight says the day. */
export function ticks({ from, to }: TimeSpan, most: number): Tick[] {
  if (most < 1 || to <= from) return [];
  const step = STEPS.find((each) => (to - from) / each <= most) ?? (STEPS.at(-1) as number);
  const shift = new Date(from / 1000).getTimezoneOffset() * MINUTE;
  const found: Tick[] = [];
  for (
    let time = Math.ceil((from - shift) / step) * step + shift;
    time <= to && found.length <= most;
    time += step
  ) {
    const date = new Date(time / 1000);
    const midnight = date.getHours() === 0 && date.getMinutes() === 0;
    found.push({ time, text: (midnight || step >= DAY ? day : clock).format(date) });
  }
  return found;
}
