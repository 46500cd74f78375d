// Figures: values, times and spans as a plot writes them.

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** A value with as many digits as help: "21.5", "1013.25", "1.5e-7"; "–" where there is none. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return tidy(value.toExponential(3));
  return tidy(value.toPrecision(6)).replace("-", "−");
}

/** The labels of an axis whose ticks are `step` apart. */
export function tickFigures(ticks: readonly number[], step: number): string[] {
  const largest = Math.max(...ticks.map(Math.abs), 0);
  if (largest >= 1e7 || (largest > 0 && largest < 1e-3))
    return ticks.map((tick) => tidy(tick.toExponential(2)).replace("-", "−"));
  const digits = Math.min(10, tidy(step.toFixed(12)).split(".")[1]?.length ?? 0);
  return ticks.map((tick) =>
    (Math.abs(tick) < step / 2 ? 0 : tick).toFixed(digits).replace("-", "−"),
  );
}

// Zeros behind the point say nothing here, for the precision is not the device's.
function tidy(text: string): string {
  return text
    .replace(/(\.\d*?)0+(?=$|e)/, "$1")
    .replace(/\.(?=$|e)/, "")
    .replace("e+", "e");
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** The labels of a time axis: `ticks` in milliseconds since the epoch, `step` apart. The first one at a new day names it. */
export function tickTimes(ticks: readonly number[], step: number): string[] {
  // A tick may stand a hair before its time.
  const grain = Math.min(10, step / 100);
  return ticks.map((tick) => {
    const date = new Date(Math.round(tick / grain) * grain);
    if (step >= DAY || (step >= MINUTE && date.getHours() === 0 && date.getMinutes() === 0))
      return day.format(date);
    if (step >= MINUTE) return clock.format(date);
    const seconds = String(date.getSeconds()).padStart(2, "0");
    if (step >= 1000) return `${clock.format(date)}:${seconds}`;
    // The minute is the same for most of them.
    return `:${seconds}.${String(date.getMilliseconds())
      .padStart(3, "0")
      .slice(0, step >= 100 ? 1 : step >= 10 ? 2 : 3)}`;
  });
}

/** A span of µs between two cursors: "12.3 ms", "4.2 s", "3 min 5 s". */
export function spanFigure(microseconds: number): string {
  const size = Math.abs(microseconds);
  const sign = microseconds < 0 ? "−" : "";
  if (size < 1e3) return `${sign}${figure(size)} µs`;
  if (size < 1e6) return `${sign}${figure(size / 1e3)} ms`;
  if (size < 60e6) return `${sign}${tidy((size / 1e6).toFixed(3))} s`;
  const seconds = Math.round(size / 1e6);
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (hours < 1) return `${sign}${minutes} min ${seconds % 60} s`;
  if (days < 1) return `${sign}${hours} h ${minutes % 60} min`;
  return `${sign}${days} d ${hours % 24} h`;
}
