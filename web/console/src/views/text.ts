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

/** An escape sequence: CSI, a string (OSC, DCS, SOS, PM, APC), or a short one; also one that is cut off. */
export const ESCAPE =
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

/** Text without a terminal's commands: controls are written as ^X. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\ud800-\udfff]/gu, (found) => {
    const code = found.charCodeAt(0);
    if (found === "\r" || found === "\n") return found === "\r" ? "\r\n" : "";
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    return code === 0x7f ? "^?" : "\ufffd";
  });
}
