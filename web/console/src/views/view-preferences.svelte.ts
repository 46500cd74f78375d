// How this browser's person likes the views, kept in localStorage and checked when read.
import { TIME_STYLES, type TimeStyle } from "./timestamps.ts";

/** What LF does in the terminal: as sent, also return the carriage, or decided by the first lines. */
export const LINE_FEEDS = ["auto", "lf", "crlf"] as const;
export type LineFeeds = (typeof LINE_FEEDS)[number];

/** Bytes in a row of the hex view; 0 is as many as fit. */
export const COLUMNS = [0, 8, 16, 32] as const;

export const SMALLEST_TEXT = 9;
export const LARGEST_TEXT = 28;

export interface ViewPreferences {
  /** Size of the views' text in px; 0 is the page's own. */
  textSize: number;
  time: TimeStyle;
  showTx: boolean;
  showNotes: boolean;
  /** Rows around each match of a filter. */
  context: number;
  lineFeeds: LineFeeds;
  wrap: boolean;
  gpu: boolean;
  screenReader: boolean;
  columns: number;
}

const KEY = "seriald.views";

/** What holds for a person who has chosen nothing. */
export const DEFAULTS: Readonly<ViewPreferences> = {
  textSize: 0,
  time: "clock",
  showTx: true,
  showNotes: true,
  context: 0,
  lineFeeds: "auto",
  wrap: true,
  gpu: false,
  screenReader: false,
  columns: 0,
};

const flag = (value: unknown) => typeof value === "boolean";
const oneOf = (allowed: readonly unknown[]) => (value: unknown) => allowed.includes(value);
const between = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const CHECKS: Record<keyof ViewPreferences, (value: unknown) => boolean> = {
  textSize: (value) => value === 0 || between(SMALLEST_TEXT, LARGEST_TEXT)(value),
  time: oneOf(TIME_STYLES),
  showTx: flag,
  showNotes: flag,
  context: between(0, 20),
  lineFeeds: oneOf(LINE_FEEDS),
  wrap: flag,
  gpu: flag,
  screenReader: flag,
  columns: oneOf(COLUMNS),
};

/** Reads stored text; each value that does not pass its check is the default. */
export function readViewPreferences(stored: string | null): ViewPreferences {
  let found: unknown;
  try {
    found = JSON.parse(stored ?? "null");
  } catch {
    found = null;
  }
  const read: Record<string, unknown> = { ...DEFAULTS };
  if (typeof found === "object" && found !== null) {
    for (const [key, passes] of Object.entries(CHECKS)) {
      const value = Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined;
      if (passes(value)) read[key] = value;
    }
  }
  return read as unknown as ViewPreferences;
}

// A browser may forbid storage; preferences then last as long as the page.
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The preferences of this page; changed by `prefer`. */
export const viewPreferences: Readonly<ViewPreferences> = $state(readViewPreferences(stored()));

/** Changes preferences and writes them down. */
export function prefer(change: Partial<ViewPreferences>): void {
  Object.assign(viewPreferences, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(viewPreferences));
  } catch {
    return;
  }
}
