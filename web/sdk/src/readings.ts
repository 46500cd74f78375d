// Readings: what lines gave, many at once in flat arrays, as the wire brings them.
import { fieldsOf, text } from "./fields.ts";

/** Bytes before a record's payload. */
export const RECORD_HEADER = 24;

const FLAG_LIVE = 1;
/** In a Reading's payload: the line's length, and then each value with its series. */
const LENGTH_SIZE = 4;
const VALUE_SIZE = 10;
const LAST_SERIES = 65535;

/** The values under one name. */
export interface Series {
  /** Its number in {@link Readings.series}; the same as long as the subscription lasts. */
  number: number;
  name: string;
  /** Empty where none was told (yet). */
  unit: string;
}

/**
 * Readings one behind the other. The values of reading `i` are those from `first[i]` up to `first[i + 1]`, in `series` and `value`.
 * The arrays are the taker's to keep.
 */
export interface Readings {
  /** How many readings. */
  length: number;
  /** Appended after the subscription began; false for history. */
  live: boolean;
  /** Of each reading: its time, in microseconds since the epoch. */
  time: Float64Array;
  /** Of each reading: the offset of its line. */
  offset: Float64Array;
  /** Of each reading: the offset behind its line. */
  end: Float64Array;
  /** Of each reading: where its values begin; and one more, where the last one's end. */
  first: Uint32Array;
  /** Of each value: the number of its series. */
  series: Uint16Array;
  /** Of each value: itself. NaN is no value. */
  value: Float64Array;
}

/** A 64-bit number, or null where JavaScript cannot hold it exactly. */
export function readNumber(view: DataView, at: number): number | null {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : null;
}

/** Reads a Series' payload; what is wrong with it otherwise. */
export function readSeries(payload: string): Series | string {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    value = null;
  }
  const { series, name, unit } = fieldsOf(value);
  const isNumber = Number.isInteger(series) && (series as number) >= 0;
  if (!isNumber || (series as number) > LAST_SERIES || typeof name !== "string") {
    return "a Series without a number and a name";
  }
  return { number: series as number, name, unit: text(unit) };
}

/** Reads the Readings that follow each other from `start` on, of one channel and all live or all not; what is wrong with the first otherwise. */
export function readReadings(
  view: DataView,
  start: number,
): { readings: Readings; end: number } | string {
  const { length, values, end } = measure(view, start);
  if (length === 0) return "a Reading that is damaged";
  const readings: Readings = {
    length,
    live: (view.getUint8(start + 1) & FLAG_LIVE) !== 0,
    time: new Float64Array(length),
    offset: new Float64Array(length),
    end: new Float64Array(length),
    first: new Uint32Array(length + 1),
    series: new Uint16Array(values),
    value: new Float64Array(values),
  };
  const { time, offset, end: ends, first, series, value } = readings;
  let at = start;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const payload = at + RECORD_HEADER;
    const stop = payload + view.getUint32(at + 4, true);
    const from = readNumber(view, at + 8) ?? 0;
    offset[i] = from;
    ends[i] = from + view.getUint32(payload, true);
    time[i] = readNumber(view, at + 16) ?? 0;
    first[i] = next;
    for (let of = payload + LENGTH_SIZE; of < stop; of += VALUE_SIZE) {
      series[next] = view.getUint16(of, true);
      value[next] = view.getFloat64(of + 2, true);
      next += 1;
    }
    at = stop;
  }
  first[length] = next;
  return { readings, end };
}

/** How many sound Readings follow each other, with how many values, and where they end. */
function measure(view: DataView, start: number): { length: number; values: number; end: number } {
  const head = view.getUint32(start, true);
  let [length, values, at] = [0, 0, start];
  while (view.byteLength - at >= RECORD_HEADER && view.getUint32(at, true) === head) {
    const size = view.getUint32(at + 4, true);
    if (size > view.byteLength - at - RECORD_HEADER || size < LENGTH_SIZE) break;
    if ((size - LENGTH_SIZE) % VALUE_SIZE > 0) break;
    if (readNumber(view, at + 8) === null || readNumber(view, at + 16) === null) break;
    length += 1;
    values += (size - LENGTH_SIZE) / VALUE_SIZE;
    at += RECORD_HEADER + size;
  }
  return { length, values, end: at };
}

/** The readings from the number `from` on. */
export function rest(readings: Readings, from: number): Readings {
  if (from === 0) return readings;
  const { length, time, offset, end, first } = readings;
  return {
    ...readings,
    length: length - from,
    time: time.subarray(from),
    offset: offset.subarray(from),
    end: end.subarray(from),
    first: first.subarray(from),
  };
}
