// What this browser's person prefers, kept in localStorage and checked when read.
import { between, type Checks, flag, keep, oneOf, readKept, recall } from "./kept.ts";
import { isView, type View } from "./route.ts";

/** How the send bar understands what is typed into it. */
export type Notation = "text" | "hex" | "escapes";
/** What is put behind a message that is sent. */
export type LineEnding = "none" | "lf" | "cr" | "crlf";
/** The wish for a theme; "system" follows the operating system. */
export type ThemeChoice = "system" | "light" | "dark";

export interface Preferences {
  theme: ThemeChoice;
  name: string;
  view: View;
  list: boolean;
  settings: boolean;
  timeline: boolean;
  notation: Notation;
  ending: LineEnding;
  echo: boolean;
  /** Alerts are told by the browser, too. */
  notify: boolean;
  /** Milliseconds between the lines of a paste. */
  lineDelay: number;
  /** Bytes of a file sent at once; 0 leaves the cutting to the server's limit. */
  chunk: number;
  /** Milliseconds after each chunk. */
  chunkDelay: number;
}

const KEY = "seriald.preferences";

const words = (value: unknown): value is string => typeof value === "string" && value.length <= 64;

const CHECKS: Checks<Preferences> = {
  theme: oneOf(["system", "light", "dark"]),
  name: words,
  view: isView,
  list: flag,
  settings: flag,
  timeline: flag,
  notation: oneOf(["text", "hex", "escapes"]),
  ending: oneOf(["none", "lf", "cr", "crlf"]),
  echo: flag,
  notify: flag,
  lineDelay: between(0, 60_000),
  chunk: between(0, 65_536),
  chunkDelay: between(0, 60_000),
};

/** What holds for a person who has chosen nothing. */
export const DEFAULTS: Readonly<Preferences> = {
  theme: "system",
  name: "",
  view: "terminal",
  list: true,
  settings: true,
  timeline: true,
  notation: "text",
  ending: "lf",
  echo: false,
  notify: false,
  lineDelay: 20,
  chunk: 0,
  chunkDelay: 0,
};

/** Reads stored text; each value that does not pass its check is the default. */
export const readPreferences = (stored: string | null) => readKept(stored, DEFAULTS, CHECKS);

/** The preferences of this page; assign to change, then `keepPreferences`. */
export const preferences: Preferences = $state(readPreferences(recall(KEY)));

/** Writes the preferences down. */
export const keepPreferences = (): void => keep(KEY, preferences);
