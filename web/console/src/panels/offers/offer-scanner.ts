// OfferScanner: finds the lines by which a device describes its own panel, in bytes as they come, in any pieces.

/** What such a line begins with. */
const MARK = new TextEncoder().encode('{"seriald":');
/** The longest line that a device may describe its panel in, in bytes. */
export const LONGEST = 16 * 1024;

const LF = 0x0a;
const CR = 0x0d;

export class OfferScanner {
  readonly #found: (line: string) => void;
  /** What came of a line that may be one; null: of this line nothing is wanted. */
  #line: Uint8Array | null = null;

  /** `found` takes each line. The beginning of what comes is taken for the middle of a line. */
  constructor(found: (line: string) => void) {
    this.#found = found;
  }

  /** Takes what came next. */
  take(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const end = lineEnd(bytes, at);
      const piece = bytes.subarray(at, end);
      if (this.#line) this.#line = joined(this.#line, piece);
      if (end === bytes.length) return;
      if (this.#line && this.#line.length >= MARK.length) this.#tell(this.#line);
      this.#line = new Uint8Array(0);
      at = end + 1;
    }
  }

  /** What comes next does not follow what came. */
  reset(): void {
    this.#line = null;
  }

  #tell(line: Uint8Array): void {
    this.#found(new TextDecoder().decode(line));
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const lf = bytes.indexOf(LF, from);
  const before = lf < 0 ? bytes.length : lf;
  const cr = bytes.subarray(from, before).indexOf(CR);
  return cr < 0 ? before : from + cr;
}

/** The line with what came of it; null as soon as it cannot be one. */
function joined(line: Uint8Array, piece: Uint8Array): Uint8Array | null {
  const length = line.length + piece.length;
  if (length > LONGEST) return null;
  const missing = MARK.subarray(line.length, Math.min(MARK.length, length));
  if (missing.some((byte, n) => piece[n] !== byte)) return null;
  const whole = new Uint8Array(length);
  whole.set(line);
  whole.set(piece, line.length);
  return whole;
}
