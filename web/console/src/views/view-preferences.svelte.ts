// How this browser's person likes the views, kept in localStorage and checked when read.
import { between, type Checks, flag, keep, oneOf, readKept, recall } from "../model/kept.ts";
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

const CHECKS: Checks<ViewPreferences> = {
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
export const readViewPreferences = (stored: string | null) => readKept(stored, DEFAULTS, CHECKS);

/** The preferences of this page; changed by `prefer`. */
export const viewPreferences: Readonly<ViewPreferences> = $state(readViewPreferences(recall(KEY)));

/** Changes preferences and writes them down. */
export function prefer(change: Partial<ViewPreferences>): void {
  Object.assign(viewPreferences, change);
  keep(KEY, viewPreferences);
}
