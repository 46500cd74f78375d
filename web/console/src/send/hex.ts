// Hex digits to bytes, forgiving about how people write them: "1b 5b 41", "0x1B,0x5B", "1b5b41".
import type { Parsed } from "./parsed.ts";

const SEPARATOR = /[\s,;:_-]/;

/** Parses pairs of hex digits; white space, commas, dashes and a leading 0x may stand between pairs. */
export function parseHex(text: string): Parsed {
  const bytes: number[] = [];
  let at = 0;
  while (at < text.length) {
    if (SEPARATOR.test(text[at] ?? "")) {
      at++;
      continue;
    }
    if (/^0x/i.test(text.slice(at, at + 2))) at += 2;
    const pair = text.slice(at, at + 2);
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      bytes.push(Number.parseInt(pair, 16));
      at += 2;
      continue;
    }
    const wrong = /^[0-9a-f]/i.test(pair) ? at + 1 : at;
    const found = text[wrong];
    if (found === undefined || SEPARATOR.test(found)) {
      return {
        at: at,
        message: "a byte has two hex digits; one is missing here",
      };
    }
    return { at: wrong, message: `“${found}” is not a hex digit` };
  }
  return { bytes: Uint8Array.from(bytes) };
}
