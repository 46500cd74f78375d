// A message: what the send bar holds, turned into the bytes that go to the device.
import type { LineEnding, Notation } from "../model/preferences.svelte.ts";
import { parseEscapes } from "./escapes.ts";
import { parseHex } from "./hex.ts";
import type { Parsed } from "./parsed.ts";

const ENDINGS: Record<LineEnding, string> = { none: "", lf: "\n", cr: "\r", crlf: "\r\n" };

/** The bytes that stand for a line ending. */
export function endingBytes(ending: LineEnding): Uint8Array {
  return new TextEncoder().encode(ENDINGS[ending]);
}

/** Text with its line breaks, of whatever kind, written as the given ending ("none" leaves them). */
export function withEnding(text: string, ending: LineEnding): string {
  return ending === "none" ? text : text.replace(/\r\n|\r|\n/g, ENDINGS[ending]);
}

/** Reads the input. Hex means exactly these bytes, so no ending is put behind it. */
export function composeMessage(input: string, notation: Notation, ending: LineEnding): Parsed {
  if (notation === "hex") return parseHex(input);
  const parsed: Parsed =
    notation === "escapes" ? parseEscapes(input) : { bytes: new TextEncoder().encode(input) };
  if (!("bytes" in parsed)) return parsed;
  return { bytes: Uint8Array.from([...parsed.bytes, ...endingBytes(ending)]) };
}
