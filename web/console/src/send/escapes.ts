// Text with backslash escapes, as C and the shells write them, to bytes.
import type { Parsed } from "./parsed.ts";

const SIMPLE: Record<string, number> = {
  "0": 0x00,
  a: 0x07,
  b: 0x08,
  t: 0x09,
  n: 0x0a,
  v: 0x0b,
  f: 0x0c,
  r: 0x0d,
  e: 0x1b,
  "\\": 0x5c,
};

const CODED = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})/y;

/** Parses `\n \r \t \0 \a \b \f \v \e \\ \xNN \uNNNN \u{...}`; everything else is sent as UTF-8. */
export function parseEscapes(text: string): Parsed {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  let at = 0;
  while (at < text.length) {
    const backslash = text.indexOf("\\", at);
    const plain = text.slice(at, backslash < 0 ? undefined : backslash);
    for (const byte of encoder.encode(plain)) bytes.push(byte);
    if (backslash < 0) break;
    const letter = text[backslash + 1];
    if (letter === undefined) {
      return { at: backslash, message: "a backslash at the end; write \\\\ to send one" };
    }
    if (Object.hasOwn(SIMPLE, letter)) {
      bytes.push(SIMPLE[letter] ?? 0);
      at = backslash + 2;
      continue;
    }
    CODED.lastIndex = backslash;
    const coded = CODED.exec(text);
    if (!coded) return { at: backslash, message: advice(letter) };
    const [whole, byte, ...points] = coded;
    if (byte) {
      bytes.push(Number.parseInt(byte, 16));
    } else {
      const point = Number.parseInt(points[0] ?? points[1] ?? "", 16);
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        return { at: backslash, message: `${whole} is not a Unicode character` };
      }
      for (const unit of encoder.encode(String.fromCodePoint(point))) bytes.push(unit);
    }
    at = backslash + whole.length;
  }
  return { bytes: Uint8Array.from(bytes) };
}

function advice(letter: string): string {
  if (letter === "x") return "\\x wants two hex digits, as in \\x1b";
  if (letter === "u") return "\\u wants four hex digits or braces, as in \\u00e9 or \\u{1f600}";
  return `\\${letter} is not known; there are \\n \\r \\t \\0 \\a \\b \\e \\f \\v \\xNN \\u{...} and \\\\`;
}
