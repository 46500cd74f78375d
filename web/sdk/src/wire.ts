// The binary messages of the protocol: decoding of records, encoding of writes, as pure functions.
import type { SerialRecord, Why } from "./record.ts";
import { parseNote } from "./talk.ts";

/** Bytes before a record's payload. */
export const RECORD_HEADER = 24;
/** Bytes before a write's payload. */
export const WRITE_HEADER = 8;

const WRITE_KIND = 16;
const FLAG_LIVE = 1;
const FLAG_WITHHELD = 2;
const FLAG_CRASH = 4;
const FLAG_ANSWER = 1;
const EMPTY = new Uint8Array(0);
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A record with its place on the connection. The record is null where its kind is unknown. */
export interface Frame {
  channel: number;
  /** Header and payload, as credit counts them. */
  size: number;
  record: SerialRecord | null;
}

/** What a binary message held; `error` says what was wrong with it behind the last good frame. */
export interface Decoded {
  frames: Frame[];
  error: string | null;
}

/** Reads a binary message. Never throws: damage ends the reading and is told. */
export function decode(message: ArrayBuffer): Decoded {
  const view = new DataView(message);
  const frames: Frame[] = [];
  let at = 0;
  while (at < message.byteLength) {
    const left = message.byteLength - at;
    if (left < RECORD_HEADER) {
      return { frames, error: `${left} bytes are too few for a record's header` };
    }
    const length = view.getUint32(at + 4, true);
    if (length > left - RECORD_HEADER) {
      return {
        frames,
        error: `a record of ${length} bytes in the last ${left - RECORD_HEADER} of a message`,
      };
    }
    const record = readRecord(view, at, length);
    if (typeof record === "string") return { frames, error: record };
    const size = RECORD_HEADER + length;
    frames.push({ channel: view.getUint16(at + 2, true), size, record });
    at += size;
  }
  return { frames, error: null };
}

function readRecord(view: DataView, at: number, length: number): SerialRecord | null | string {
  const kind = view.getUint8(at);
  if (kind < 1 || kind > 4) return null;
  const offset = readNumber(view, at + 8);
  const time = readNumber(view, at + 16);
  if (offset === null || time === null || !Number.isSafeInteger(offset + length)) {
    return "an offset or a time beyond 2^53";
  }
  const flags = view.getUint8(at + 1);
  const live = (flags & FLAG_LIVE) !== 0;
  const payload = new Uint8Array(view.buffer, at + RECORD_HEADER, length);
  switch (kind) {
    case 1:
      return { kind: "rx", live, offset, end: offset + length, time, bytes: payload };
    case 2: {
      const author = 1 + (payload[0] ?? length);
      if (author > length) return "a Tx record that ends within its author";
      const bytes = payload.subarray(author);
      return {
        kind: "tx",
        live,
        offset,
        end: offset + bytes.length,
        time,
        bytes,
        author: utf8.decode(payload.subarray(1, author)),
      };
    }
    case 3: {
      const note = parseNote(utf8.decode(payload));
      return { kind: "note", live, offset, end: offset + length, time, bytes: EMPTY, note };
    }
    default: {
      const end = length >= 8 ? readNumber(view, at + RECORD_HEADER) : null;
      if (end === null || end < offset) return "a Gap without an end behind its beginning";
      return { kind: "gap", live, offset, end, time, bytes: EMPTY, why: whyOf(flags) };
    }
  }
}

function whyOf(flags: number): Why {
  if (flags & FLAG_WITHHELD) return "withheld";
  return flags & FLAG_CRASH ? "crash" : "dropped";
}

/** A 64-bit number, or null where JavaScript cannot hold it exactly. */
function readNumber(view: DataView, at: number): number | null {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : null;
}

/** A write to the port that is subscribed on `channel`. */
export function encodeWrite(
  channel: number,
  id: number,
  bytes: Uint8Array,
  answer = false,
): ArrayBuffer {
  const message = new ArrayBuffer(WRITE_HEADER + bytes.length);
  const view = new DataView(message);
  view.setUint8(0, WRITE_KIND);
  view.setUint8(1, answer ? FLAG_ANSWER : 0);
  view.setUint16(2, channel, true);
  view.setUint32(4, id, true);
  new Uint8Array(message, WRITE_HEADER).set(bytes);
  return message;
}

/** Pairs of hex digits, for writes without a subscription. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
