// Numbers as people read them: amounts, rates, spans of time.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 1234567 as "1 234 567", with spaces that do not break. */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** A number in at most six characters: "9 999", "12.3K", "1.2M". */
export function shortCount(n: number): string {
  return n < 10_000 ? count(n) : short.format(n);
}

/** An amount of bytes in at most four characters and a unit: "512 B", "11.5 kB", "1.2 GB". */
export function amount(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)}\u00a0${UNITS[unit]}`;
}

/** Bytes per second; silence is said in a word. */
export function rate(bytesPerSecond: number): string {
  return bytesPerSecond > 0 ? `${amount(bytesPerSecond)}/s` : "quiet";
}

/** A span of milliseconds, to the precision that helps: "now", "4 s", "3 min", "2 h 5 min", "3 d". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24)
    return minutes % 60 ? `${hours}\u00a0h ${minutes % 60}\u00a0min` : `${hours}\u00a0h`;
  return `${Math.floor(hours / 24)}\u00a0d`;
}

// The server's clock may be far from this one; a wait that cannot be true is not shown as a number.
const LONGEST_WAIT_MS = 120_000;

/** When something is tried again, told by two clocks that may disagree. */
export function tryAgain(at: number, now: number): string {
  const wait = at - now;
  if (wait > LONGEST_WAIT_MS || wait < -LONGEST_WAIT_MS) return "Trying again.";
  return wait < 500 ? "Trying again now." : `Trying again in ${span(wait)}.`;
}

/** One or many: `plural(1, "line")` is "1 line". */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}
