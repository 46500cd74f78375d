// When: a moment as people write it, read against a clock.

const SECONDS: Record<string, number> = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  week: 604_800,
};
const PAIR = /([\d.]+)\s*([a-z]+)/g;
const AGO = /^(?:[-−]\s*)?((?:[\d.]+\s*[a-z]+\s*)+?)(?:\s*ago)?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?$/;
const DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;

/** What is said where a text is no time. */
export const NO_TIME = "Write 10 min ago, 14:05, yesterday 14:05:30 or 2026-11-22 14:05.";

/** Reads a text as a moment, in milliseconds since the epoch; null where it is none. Clock times are local, the latest that is past. */
export function readWhen(text: string, now: number): number | null {
  const words = text.trim().toLowerCase();
  if (words === "now") return now;
  const micros = /^@(\d{1,16})$/.exec(words);
  if (micros) return Number(micros[1]) / 1000;
  return readAgo(words, now) ?? readClock(words, now) ?? readDate(words, now) ?? readIso(text);
}

function readAgo(words: string, now: number): number | null {
  const spans = AGO.exec(words)?.[1];
  if (!spans) return null;
  let seconds = 0;
  for (const [, count, word = ""] of spans.matchAll(PAIR)) {
    const unit = SECONDS[word] ?? SECONDS[word.replace(/s$/, "")];
    if (unit === undefined || Number.isNaN(Number(count))) return null;
    seconds += Number(count) * unit;
  }
  return now - seconds * 1000;
}

function readClock(words: string, now: number): number | null {
  const time = clockOf(words);
  if (!time) return null;
  const today = at(new Date(now), time);
  return today <= now ? today : at(new Date(now), time, -1);
}

function readDate(words: string, now: number): number | null {
  const [day = "", ...rest] = words.split(/(?:\s+|t(?=\d))/);
  const time = rest.length === 0 ? [0, 0, 0, 0] : clockOf(rest.join(" "));
  if (!time) return null;
  if (day === "today" || day === "yesterday")
    return at(new Date(now), time, day === "today" ? 0 : -1);
  const [, year, month, date] = DAY.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  const read = new Date(year, month - 1, date);
  // 31 February would be some day in March.
  return read.getMonth() === month - 1 && read.getDate() === date ? at(read, time) : null;
}

// What has a zone of its own.
function readIso(text: string): number | null {
  const isZoned = /^\s*\d{4}-\d{2}-\d{2}t[\d:.]+(?:z|[+-]\d{2}:\d{2})\s*$/i.test(text);
  const time = isZoned ? Date.parse(text.trim()) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function clockOf(words: string): number[] | null {
  const found = CLOCK.exec(words);
  if (!found) return null;
  const [hours, minutes, seconds] = found.slice(1, 4).map((part) => Number(part ?? 0));
  const milliseconds = Number(`0.${found[4] ?? 0}`) * 1000;
  const time = [hours ?? 0, minutes ?? 0, seconds ?? 0, milliseconds];
  return (hours ?? 0) < 24 && (minutes ?? 0) < 60 && (seconds ?? 0) < 60 ? time : null;
}

function at(day: Date, time: readonly number[], days = 0): number {
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = time;
  const moment = new Date(day);
  moment.setDate(moment.getDate() + days);
  return moment.setHours(hours, minutes, seconds, Math.floor(milliseconds));
}

/** A moment as it is written out: day of the week, date and time to the second, local. */
export function longTime(time: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(time);
}

/** A moment as a `datetime-local` field has it. */
export function fieldTime(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
