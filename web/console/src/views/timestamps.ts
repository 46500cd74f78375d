// Timestamps: the ways in which a line's time is written.

/** Clock with milliseconds, since the start, since the line before, seconds since 1970, or not at all. */
export const TIME_STYLES = ["clock", "relative", "delta", "epoch", "off"] as const;
export type TimeStyle = (typeof TIME_STYLES)[number];

/** What the choice is called. */
export const TIME_NAMES: Record<TimeStyle, string> = {
  clock: "Clock",
  relative: "Since start",
  delta: "Since line before",
  epoch: "Unix time",
  off: "No times",
};

/** Room that each way needs, in characters. */
export const TIME_WIDTHS: Record<TimeStyle, number> = {
  clock: 12,
  relative: 12,
  delta: 11,
  epoch: 17,
  off: 0,
};

/** A time in microseconds since the epoch; `start` and `before` are what it is told against. */
export function timeText(style: TimeStyle, time: number, start: number, before: number): string {
  if (style === "off" || time <= 0) return "";
  if (style === "clock") return clockText(time);
  if (style === "epoch") return (time / 1e6).toFixed(6);
  if (style === "relative") return spanText(time - start);
  return `+${spanText(before > 0 ? time - before : 0)}`;
}

/** A time with its date, for those who ask more closely. */
export function fullTimeText(time: number): string {
  const date = new Date(time / 1000);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${clockText(time)}`;
}

function clockText(time: number): string {
  const date = new Date(time / 1000);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function spanText(microseconds: number): string {
  const sign = microseconds < 0 ? "−" : "";
  const milliseconds = Math.round(Math.abs(microseconds) / 1000);
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3);
  if (hours > 0) return `${sign}${hours}:${two(minutes)}:${seconds.padStart(6, "0")}`;
  return minutes > 0 ? `${sign}${minutes}:${seconds.padStart(6, "0")}` : `${sign}${seconds}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
