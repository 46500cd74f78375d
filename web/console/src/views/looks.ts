// Look: how a stretch of device text is to be drawn, by the SGR sequences before it.
import { ESCAPE } from "./text.ts";

/** A colour out of an SGR sequence: one of 256, or `#rrggbb`; null is the text's own. */
export type Colour = number | string | null;

/** How a run looks. */
export interface Look {
  fg: Colour;
  bg: Colour;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

/** A stretch of text that looks the same; `at` is its place in the text without escapes. */
export interface TextRun {
  at: number;
  text: string;
  look: Look;
}

/** The look of text that nothing has changed. */
export const PLAIN: Look = Object.freeze({
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
});

/** Takes a line apart at its escape sequences, from the look on that it begins with: some change it, the others are dropped. */
export function runsOf(text: string, begin: Look = PLAIN): TextRun[] {
  if (!text.includes("\u001b")) return text === "" ? [] : [{ at: 0, text, look: begin }];
  const runs: TextRun[] = [];
  let look = begin;
  let from = 0;
  let at = 0;
  const add = (piece: string) => {
    if (piece !== "") runs.push({ at, text: piece, look });
    at += piece.length;
  };
  for (const match of text.matchAll(ESCAPE)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    look = afterEscape(look, match[0]);
  }
  add(text.slice(from));
  return runs;
}

/** The look behind a text that begins with a look. */
export function lookBehind(text: string, begin: Look): Look {
  let look = begin;
  for (const [sequence] of text.matchAll(ESCAPE)) look = afterEscape(look, sequence);
  return look;
}

function afterEscape(look: Look, sequence: string): Look {
  // RIS and DECSTR reset the terminal.
  if (sequence === "\u001bc" || sequence === "\u001b[!p") return PLAIN;
  const isSgr = sequence.startsWith("\u001b[") && sequence.endsWith("m");
  return isSgr ? applySgr(look, sequence.slice(2, -1)) : look;
}

/** The look after an SGR sequence with these parameters. */
export function applySgr(before: Look, parameters: string): Look {
  if (!/^[\d;:]*$/.test(parameters)) return before;
  const look = { ...before };
  const codes = parameters.split(/[;:]/).map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code === 0) Object.assign(look, PLAIN);
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 3) look.italic = true;
    else if (code === 4) look.underline = true;
    else if (code === 7) look.inverse = true;
    else if (code === 9) look.strike = true;
    else if (code === 22) look.bold = look.dim = false;
    else if (code === 23) look.italic = false;
    else if (code === 24) look.underline = false;
    else if (code === 27) look.inverse = false;
    else if (code === 29) look.strike = false;
    else if (code >= 30 && code <= 37) look.fg = code - 30;
    else if (code >= 40 && code <= 47) look.bg = code - 40;
    else if (code >= 90 && code <= 97) look.fg = code - 82;
    else if (code >= 100 && code <= 107) look.bg = code - 92;
    else if (code === 39) look.fg = null;
    else if (code === 49) look.bg = null;
    else if (code === 38 || code === 48) {
      const [colour, used] = extendedColour(codes, i + 1);
      if (code === 38) look.fg = colour;
      else look.bg = colour;
      i += used;
    }
  }
  return look;
}

function extendedColour(codes: number[], at: number): [colour: Colour, used: number] {
  const byte = (i: number) => Math.min(255, codes[at + i] ?? 0);
  if (codes[at] === 5) return [byte(1), 2];
  if (codes[at] !== 2) return [null, 1];
  const hex = [byte(1), byte(2), byte(3)].map((value) => value.toString(16).padStart(2, "0"));
  return [`#${hex.join("")}`, 4];
}

/** A colour as CSS: the theme's own for the first 16, the usual cube and greys above. */
export function css(colour: Colour): string | null {
  if (typeof colour !== "number") return colour;
  if (colour < 16) return `var(--ansi-${colour})`;
  if (colour >= 232) {
    const grey = 8 + (colour - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = colour - 16;
  const red = level(Math.floor(cube / 36));
  const green = level(Math.floor(cube / 6) % 6);
  return `rgb(${red} ${green} ${level(cube % 6)})`;
}

// Looks beyond what an index can number are plain: so many are no picture that a person has drawn.
const MOST_LOOKS = 0xffff;

/** Numbers for looks, so that a row keeps two bytes of its own; 0 is plain. */
export class LookTable {
  #looks: Look[] = [PLAIN];
  #codes = new Map([[JSON.stringify(PLAIN), 0]]);

  /** The number of a look. */
  code(look: Look): number {
    const key = JSON.stringify(look);
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    if (this.#looks.length > MOST_LOOKS) return 0;
    const code = this.#looks.push(look) - 1;
    this.#codes.set(key, code);
    return code;
  }

  /** The look of that number. */
  look(code: number): Look {
    return this.#looks[code] ?? PLAIN;
  }
}
