// What this browser's person prefers, kept in localStorage and checked when read.
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
  panel: boolean;
  notation: Notation;
  ending: LineEnding;
  echo: boolean;
  /** Milliseconds between the lines of a paste. */
  lineDelay: number;
  /** Bytes of a file sent at once; 0 leaves the cutting to the server's limit. */
  chunk: number;
  /** Milliseconds after each chunk. */
  chunkDelay: number;
}

const KEY = "seriald.preferences";

const oneOf =
  <T extends string>(...allowed: T[]) =>
  (value: unknown): value is T =>
    allowed.includes(value as T);
const flag = (value: unknown): value is boolean => typeof value === "boolean";
const upTo =
  (most: number) =>
  (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
const words = (value: unknown): value is string => typeof value === "string" && value.length <= 64;

const CHECKS: { [K in keyof Preferences]: (value: unknown) => value is Preferences[K] } = {
  theme: oneOf("system", "light", "dark"),
  name: words,
  view: isView,
  list: flag,
  panel: flag,
  notation: oneOf("text", "hex", "escapes"),
  ending: oneOf("none", "lf", "cr", "crlf"),
  echo: flag,
  lineDelay: upTo(60_000),
  chunk: upTo(65_536),
  chunkDelay: upTo(60_000),
};

/** What holds for a person who has chosen nothing. */
export const DEFAULTS: Readonly<Preferences> = {
  theme: "system",
  name: "",
  view: "terminal",
  list: true,
  panel: true,
  notation: "text",
  ending: "lf",
  echo: false,
  lineDelay: 20,
  chunk: 0,
  chunkDelay: 0,
};

/** Reads stored text; each value that does not pass its check is the default. */
export function readPreferences(stored: string | null): Preferences {
  const read: Record<string, unknown> = { ...DEFAULTS };
  let found: unknown;
  try {
    found = JSON.parse(stored ?? "null");
  } catch {
    found = null;
  }
  if (typeof found === "object" && found !== null) {
    for (const [key, passes] of Object.entries(CHECKS)) {
      const value = Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined;
      if (passes(value)) read[key] = value;
    }
  }
  return read as unknown as Preferences;
}

// A browser may forbid storage; preferences then last as long as the page.
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The preferences of this page; assign to change, then `keepPreferences`. */
export const preferences: Preferences = $state(readPreferences(stored()));

/** Writes the preferences down. */
export function keepPreferences(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    return;
  }
}
