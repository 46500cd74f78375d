// Record: one entry of a port's journal as a page gets it.
import type { Note, Offset } from "./talk.ts";

/** Why bytes are not to be had: no longer kept, or not recorded; left out of the recording on purpose; lost when the server ended without warning. */
export type Why = "dropped" | "withheld" | "crash";

/** One entry of a port's journal. `bytes` is a view into the message that brought it: copy what you keep for long. */
export interface SerialRecord {
  /** What came in, what was typed, what happened, or what is not to be had. */
  kind: "rx" | "tx" | "note" | "gap";
  /** Appended after the subscription began; false for history. */
  live: boolean;
  /** The record's first byte in the journal. */
  offset: Offset;
  /** Where the next record begins. A gap goes from `offset` to `end`; if both are the same, the server has begun a new journal. */
  end: Offset;
  /** Microseconds since the epoch, by the server's clock. */
  time: number;
  /** The bytes of Rx and Tx; empty otherwise. */
  bytes: Uint8Array;
  /** Who typed it, for Tx. */
  author?: string;
  /** What happened, for a Note. */
  note?: Note;
  /** Why there is nothing, for a gap. */
  why?: Why;
}
