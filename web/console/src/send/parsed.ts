// What a parser of the send bar answers: the bytes, or the place and the reason.

/** Bytes, or an error at a character of the input (counted from 0). */
export type Parsed = { bytes: Uint8Array } | { at: number; message: string };

/** An error as one sentence with the place that people count from 1. */
export function complaint(error: { at: number; message: string }): string {
  return `Character ${error.at + 1}: ${error.message}`;
}
