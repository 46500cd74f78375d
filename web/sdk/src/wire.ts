// The binary messages of the protocol: decoding of records, encoding of writes, as pure functions.
import {
  RECORD_HEADER,
  type Readings,
  readNumber,
  readReadings,
  readSeries,
  type Series,
} from "./readings.ts";
import type { SerialRecord, Why } from "./record.ts";
import { parseNote } from "./talk.ts";

/** Bytes before a write's payload. */
export const WRITE_HEADER = 8;

const SERIES = 5;
const READING = 6;
const WRITE_KIND = 16;
const FLAG_LIVE = 1;
const FLAG_WITHHELD = 2;
const FLAG_CRASH = 4;
const FLAG_ANSWER = 1;
const EMPTY = new Uint8Array(0);
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A record, a series or a run of readings with its place on the connection. All are null where its kind is unknown. */
export interface Frame {
  channel: number;
  /** Headers and payloads, as credit counts them. */
  size: number;
  record: SerialRecord | null;
  series: Series | null;
  readings: Readings | null;
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
    const frame = readFrame(view, at, length);
    if (typeof frame === "string") return { frames, error: frame };
    frames.push(frame);
    at += frame.size;
  }
  return { frames, error: null };
}

function readFrame(view: DataView, at: number, length: number): Frame | string {
  const frame: Frame = {
    channel: view.getUint16(at + 2, true),
    size: RECORD_HEADER + length,
    record: null,
    series: null,
    readings: null,
  };
  switch (view.getUint8(at)) {
    case SERIES: {
      const payload = new Uint8Array(view.buffer, at + RECORD_HEADER, length);
      const series = readSeries(utf8.decode(payload));
      return typeof series === "string" ? series : { ...frame, series };
    }
    case READING: {
      const run = readReadings(view, at);
      if (typeof run === "string") return run;
      return { ...frame, size: run.end - at, readings: run.readings };
    }
    default: {
      const record = readRecord(view, at, length);
      return typeof record === "string" ? record : { ...frame, record };
    }
  }
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
