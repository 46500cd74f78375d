// Hex: bytes as pairs of hex digits, both ways.

/** The bytes that a text names: `hex("aa 55 01")`. White space may stand between pairs. Throws a `SyntaxError` that says what is wrong and where. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const { 0: digits, index } of text.matchAll(/\S+/g)) {
    const wrong = digits.search(/[^\da-f]/i);
    if (wrong >= 0) {
      throw new SyntaxError(`${JSON.stringify(digits[wrong])} at ${index + wrong} is no hex digit`);
    }
    if (digits.length % 2 > 0) {
      throw new SyntaxError(`${JSON.stringify(digits)} at ${index} is not in pairs of hex digits`);
    }
    for (let at = 0; at < digits.length; at += 2) {
      bytes.push(Number.parseInt(digits.slice(at, at + 2), 16));
    }
  }
  return Uint8Array.from(bytes);
}

/** Pairs of hex digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
