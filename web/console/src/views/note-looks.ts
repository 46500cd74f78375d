// Note looks: how the kinds of Notes are told apart at a glance, in every view.
import type { Note } from "seriald";
import type { IconName } from "../ui/icons.ts";
import { visible } from "./text.ts";
import { tintOf } from "./tints.ts";

/** Kinds of Notes that have a sign of their own. */
export const NOTE_ICONS: Readonly<Record<string, IconName>> = {
  mark: "mark",
  trigger: "bell",
  halt: "stop",
  said: "say",
};

/** Kinds of Notes that are told in the colour of alarm. */
export const ALARMS: readonly string[] = ["lost", "waiting", "halt"];

const [RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN] = [31, 32, 33, 34, 35, 36];
const TINTS = { good: GREEN, warn: YELLOW, bad: RED };
const COLOURS = new Map([
  ...ALARMS.map((what) => [what, RED] as const),
  ["mark", CYAN],
  ["said", CYAN],
  ["trigger", YELLOW],
]);
const SIGNS = new Map([
  ["mark", "⚑ "],
  ["said", "» "],
  ["trigger", "⚠ "],
  ["halt", "■ "],
]);

/** How a terminal tells a Note: a colour of SGR, and a sign in front. */
export interface TerminalLook {
  colour: number;
  sign: string;
}

/** How a terminal tells a gap. */
export const GAP_LOOK: TerminalLook = { colour: MAGENTA, sign: "" };

/** How a terminal tells that Note. */
export function terminalLook(note: Note): TerminalLook {
  const tint = tintOf(note);
  const colour = tint ? TINTS[tint] : (COLOURS.get(note.what) ?? BLUE);
  return { colour, sign: SIGNS.get(note.what) ?? "" };
}

/** What a terminal writes to tell something on a row of its own, where its cursor is in that column. */
export function toldLine(text: string, { colour, sign }: TerminalLook, column: number): string {
  const line = sign + visible(text).replaceAll(/[\r\n]+/g, " ");
  return `${column > 0 ? "\r\n" : ""}\u001b[0;${colour}m── ${line}\u001b[0m\r\n`;
}
