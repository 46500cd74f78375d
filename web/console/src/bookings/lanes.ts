// Lanes: bookings as bars on a line of time, a lane for each port. Times are in milliseconds since the epoch.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a picture can span, and how many hours lie between two of its ticks. */
const SPANS = [
  { span: 4 * HOUR, step: 1 },
  { span: 12 * HOUR, step: 3 },
  { span: DAY, step: 6 },
  { span: 3 * DAY, step: 24 },
  { span: 8 * DAY, step: 48 },
] as const;

/** What a bar is made of. */
export interface Stretch {
  id: number;
  ports: readonly string[];
  from: number;
  until: number;
}

/** Where something lies, in hundredths of the picture. */
export interface Bar<T> {
  stretch: T;
  left: number;
  width: number;
}

export interface Lane<T> {
  port: string;
  bars: Bar<T>[];
}

export interface Picture<T> {
  lanes: Lane<T>[];
  ticks: { left: number; time: number }[];
}

/** The bookings from now on, as far as one can see them all; at most eight days. */
export function pictureOf<T extends Stretch>(all: readonly T[], now: number): Picture<T> {
  const last = Math.max(now, ...all.map(({ until }) => until));
  const { span, step } = SPANS.find((each) => now + each.span >= last) ?? SPANS[4];
  const place = (time: number) => (100 * (Math.min(Math.max(time, now), now + span) - now)) / span;
  const bars = all.map((stretch) => ({
    stretch,
    left: place(stretch.from),
    width: place(stretch.until) - place(stretch.from),
  }));
  const ports = [...new Set(all.flatMap((each) => each.ports))].sort((one, other) =>
    one.localeCompare(other, "en", { numeric: true }),
  );
  return {
    lanes: ports.map((port) => ({
      port,
      bars: bars.filter(({ stretch, width }) => width > 0 && stretch.ports.includes(port)),
    })),
    ticks: ticksOf(now, span, step).map((time) => ({ time, left: place(time) })),
  };
}

// At full hours of the local day.
function ticksOf(now: number, span: number, step: number): number[] {
  const ticks: number[] = [];
  const tick = new Date(now);
  tick.setHours(step < 24 ? Math.floor(tick.getHours() / step) * step : 0, 0, 0, 0);
  while (tick.getTime() < now + span) {
    if (tick.getTime() > now) ticks.push(tick.getTime());
    tick.setHours(tick.getHours() + step);
  }
  return ticks;
}
