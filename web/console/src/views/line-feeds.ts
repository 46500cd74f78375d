// LineFeeds: whether a device ends its lines with LF alone, so that the terminal has to return the carriage itself.

// Enough line ends to know a device by; what comes later does not change the terminal under one's hands.
const ENOUGH = 64;
const LF = 10;
const CR = 13;

export class LineFeedGuess {
  #alone = 0;
  #withReturn = 0;
  #afterCR = false;

  /** Looks at what came in. */
  take(bytes: Uint8Array): void {
    if (this.#alone + this.#withReturn >= ENOUGH) return;
    for (const byte of bytes) {
      if (byte === LF && this.#afterCR) this.#withReturn++;
      else if (byte === LF) this.#alone++;
      this.#afterCR = byte === CR;
    }
  }

  /** Most lines end with LF alone. */
  get isAlone(): boolean {
    return this.#alone > this.#withReturn;
  }
}
