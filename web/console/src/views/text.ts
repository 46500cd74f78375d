// Text of device bytes: UTF-8 where it is, every other byte kept visible, and runs of one look for drawing.

// A byte that is not UTF-8 becomes the lone surrogate U+DC00 + byte: no decoded text can hold it, so nothing is lost.
const BAD = 0xdc00;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes UTF-8; a byte that is not part of it becomes U+DC00 + byte. */
export function decode(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeDamaged(bytes);
  }
}

function decodeDamaged(bytes: Uint8Array): string {
  let text = "";
  let good = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text +=
      lossy.decode(bytes.subarray(good, at)) + String.fromCharCode(BAD + (bytes[at] as number));
    good = ++at;
  }
  return text + lossy.decode(bytes.subarray(good));
}

/** The length of the well-formed UTF-8 sequence that begins there; 0 where none does. */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (first < 0xc2 || length === 0 || at + length > bytes.length) return 0;
  const [low, high] = secondByteRange(first);
  const second = bytes[at + 1] as number;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return length;
}

/** What may follow a first byte (Unicode, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. */
export function secondByteRange(first: number): [low: number, high: number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

// CSI, the strings (OSC, DCS, SOS, PM, APC), and the short escapes.
const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
  /\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/g;

/** The text without its escape sequences: what is searched and filtered. */
export function withoutEscapes(text: string): string {
  return text.includes("\u001b") ? text.replace(ESCAPE, "") : text;
}

/** Text for the clipboard: as the device sent it, what was not UTF-8 as U+FFFD. */
export function forClipboard(text: string): string {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) =>
    found.length === 2 ? found : "\ufffd",
  );
}

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

const PLAIN: Look = Object.freeze({
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
});

/** Takes a line apart at its escape sequences: SGR changes the look, the others are dropped. */
export function runsOf(text: string): TextRun[] {
  if (!text.includes("\u001b")) return text === "" ? [] : [{ at: 0, text, look: PLAIN }];
  const runs: TextRun[] = [];
  let look = PLAIN;
  let from = 0;
  let at = 0;
  const add = (piece: string) => {
    if (piece !== "") runs.push({ at, text: piece, look });
    at += piece.length;
  };
  for (const match of text.matchAll(ESCAPE)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[0].startsWith("\u001b[") && match[0].endsWith("m"))
      look = applySgr(look, match[0].slice(2, -1));
  }
  add(text.slice(from));
  return runs;
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

/** A piece of a run as it is drawn: text, or the picture of one character that has no look of its own. */
export interface Glyphs {
  kind: "text" | "control" | "bad";
  /** What is shown. */
  shown: string;
  /** What it stands for. */
  raw: string;
  /** Its place in the text without escapes. */
  at: number;
}

// C0, DEL, C1, the lone surrogates that stand for bad bytes, and characters that turn or hide what is around them.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\ud800-\udbff][\udc00-\udfff]|[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/g;

/** Takes a run apart where something would not be seen. */
export function glyphsOf(text: string, at = 0): Glyphs[] {
  const glyphs: Glyphs[] = [];
  let from = 0;
  const add = (to: number) => {
    const piece = text.slice(from, to);
    if (piece !== "") glyphs.push({ kind: "text", shown: piece, raw: piece, at: at + from });
  };
  for (const match of text.matchAll(UNSEEN)) {
    if (match[0].length === 2) continue;
    add(match.index);
    glyphs.push({ ...picture(match[0]), raw: match[0], at: at + match.index });
    from = match.index + 1;
  }
  add(text.length);
  return glyphs;
}

// Names, not the pictures of U+2400: many fonts for code do not have those.
const CONTROLS =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US";
const NAMES = CONTROLS.split(" ");

function picture(character: string): Pick<Glyphs, "kind" | "shown"> {
  const code = character.charCodeAt(0);
  if (code < 0x20) return { kind: "control", shown: NAMES[code] as string };
  if (code === 0x7f) return { kind: "control", shown: "DEL" };
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(2, "0");
  if (code >= BAD && code <= BAD + 0xff) return { kind: "bad", shown: hex(code - BAD) };
  return { kind: "control", shown: `U+${hex(code).padStart(4, "0")}` };
}
