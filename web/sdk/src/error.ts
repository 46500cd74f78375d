// SerialdError: every failure of this library, with a code that a program can branch on.
import type { ServerMessage } from "./talk.ts";

/**
 * A failure. `code` is one of the server's (`docs/protocol.md`), or one of this library's own:
 *
 * - `offline`: there is no connection; the request was never sent.
 * - `connection-lost`: it was sent and the connection ended before an answer; whether it took effect is unknown.
 * - `closed`: the client was closed.
 * - `unauthorized`: the server asks for a token.
 * - `protocol`: the server broke the protocol, or speaks another version.
 */
export class SerialdError extends Error {
  readonly code: string;
  /** The numbers that belong to it, such as `limit` or `oldest`. */
  readonly detail: Record<string, unknown>;

  constructor(code: string, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.name = "SerialdError";
    this.code = code;
    this.detail = detail;
  }

  /** The error that an `error` message from the server tells. */
  static fromMessage({ type: _, id: __, code, message, ...detail }: ServerMessage): SerialdError {
    const known = typeof code === "string" ? code : "protocol";
    return new SerialdError(known, typeof message === "string" ? message : known, detail);
  }
}

/** Gives an error of a listener to the page's or program's own error handling, and lets this library go on. */
export function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls a listener; what it throws is reported. */
export function guard(call: () => void): void {
  try {
    call();
  } catch (error) {
    report(error);
  }
}
