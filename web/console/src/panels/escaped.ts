// Escaped: text with control characters as people read and type it in a form: a line feed is `\n`.
import { parseEscapes } from "../send/escapes.ts";

const NAMED: Record<string, string> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\u001b": "\\e",
  "\0": "\\0",
};

// Also what turns or hides the text around it.
const HIDDEN = /[\\\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Text as it stands in a field. */
export function escaped(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    const hex = code.toString(16);
    return NAMED[character] ?? (code < 0x80 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`);
  });
}

/** The text that a field stands for, or what is wrong with it at a character counted from 0. */
export function unescaped(typed: string): { text: string } | { at: number; message: string } {
  const parsed = parseEscapes(typed);
  if (!("bytes" in parsed)) return parsed;
  try {
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(parsed.bytes),
    };
  } catch {
    return { at: 0, message: "these bytes are no text; send them as hex instead" };
  }
}

/** The bytes of a text as pairs of hex digits, at most so many. */
export function hexOf(text: string, most = 32): string {
  const bytes = new TextEncoder().encode(text);
  const pairs = [...bytes.subarray(0, most)].map((byte) => byte.toString(16).padStart(2, "0"));
  return pairs.join(" ") + (bytes.length > most ? " …" : "");
}
