// Key: a secret by which the server knows a page again on another connection.
import { toHex } from "./hex.ts";

/** The pages of one tab and one origin share it, and it outlives a reload. */
export function pageKey(): string {
  const make = () => toHex(crypto.getRandomValues(new Uint8Array(16)));
  try {
    sessionStorage["seriald-key"] ??= make();
    return sessionStorage["seriald-key"];
  } catch {
    // There is none in Node, nor in a frame that is shut off.
    return make();
  }
}
