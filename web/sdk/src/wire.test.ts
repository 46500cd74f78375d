// The golden frames of tests/wire, and chance bytes, against the decoder and the encoder.
import { describe, expect, it } from "vitest";
import damaged from "../../../tests/wire/damaged.json";
import records from "../../../tests/wire/records.json";
import values from "../../../tests/wire/values.json";
import writes from "../../../tests/wire/writes.json";
import { toHex } from "./hex.ts";
import type { Readings } from "./readings.ts";
import { chance, join } from "./testing/server.ts";
import { decode, encodeWrite, type Frame } from "./wire.ts";

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A frame in the words of the golden files. */
function told({ channel, record }: Frame): object | null {
  if (!record) return null;
  const { kind, live, offset, time, end } = record;
  const common = { kind, live, channel, offset, time };
  switch (kind) {
    case "rx":
      return { ...common, payload_hex: toHex(record.bytes) };
    case "tx":
      return { ...common, author: record.author, payload_hex: toHex(record.bytes) };
    case "note":
      return { ...common, note: record.note };
    case "gap":
      return { ...common, to: end, why: record.why };
  }
}

/** What a golden file says, less a Note's exact text, which only the server's end makes. */
function expected(golden: object): object {
  const { text: _, ...rest } = golden as { text?: string; kind?: string };
  return rest.kind === "gap" ? { why: "dropped", ...rest } : rest;
}

describe("decode", () => {
  it.each(records)("reads $name", ({ hex, records }) => {
    const { frames, error } = decode(fromHex(hex).buffer);
    expect(error).toBeNull();
    expect(frames.map(told).filter((frame) => frame !== null)).toEqual(records.map(expected));
  });

  it("counts every byte of a message as some record's", () => {
    for (const { hex } of records) {
      const message = fromHex(hex);
      const { frames } = decode(message.buffer);
      expect(frames.reduce((sum, { size }) => sum + size, 0)).toBe(message.length);
    }
  });

  it("places what follows a Tx record behind its bytes, without the author", () => {
    for (const { hex } of records) {
      for (const { record } of decode(fromHex(hex).buffer).frames) {
        if (record?.kind === "tx") expect(record.end).toBe(record.offset + record.bytes.length);
      }
    }
  });

  it.each(damaged)("keeps what stands before $name, and says what is wrong", (golden) => {
    const { frames, error } = decode(fromHex(golden.hex).buffer);
    expect(error).toMatch(/\w/);
    expect(frames.map(told)).toEqual(golden.records);
  });

  it("never throws, whatever the bytes", () => {
    const pick = chance(1);
    const good = fromHex(records.map(({ hex }) => hex).join(""));
    for (let round = 0; round < 3_000; round++) {
      const bytes = join([good.subarray(0, pick(good.length))]);
      for (let hits = pick(4); hits > 0 && bytes.length > 0; hits--) {
        bytes[pick(bytes.length)] = pick(256);
      }
      const { frames } = decode(bytes.buffer);
      for (const { record } of frames) {
        if (record) expect(record.end).toBeGreaterThanOrEqual(record.offset);
      }
    }
  });
});

/** A frame with series or readings in the words of the golden file, a run of readings one by one. */
function toldValues({ channel, series, readings }: Frame): object[] {
  if (series) {
    const { number, name, unit } = series;
    return [{ kind: "series", channel, series: { series: number, name, unit } }];
  }
  return Array.from({ length: readings?.length ?? 0 }, (_, i) => {
    const { live, time, offset, end, first, series, value } = readings as Readings;
    const places = [...series.keys()].slice(first[i], first[i + 1]);
    return {
      kind: "reading",
      live,
      channel,
      offset: offset[i],
      time: time[i],
      length: (end[i] as number) - (offset[i] as number),
      values: places.map((at) => [series[at], value[at]]),
    };
  });
}

interface GoldenFrame {
  kind: string;
  live: boolean;
  channel: number;
  offset: number;
  time: number;
  series?: object;
  length?: number;
  values?: (number | null)[][];
}

/** What the golden file says of a frame: a series has no live, offset and time for us, and no value is NaN. */
function expectedValues(golden: GoldenFrame): object {
  const { kind, channel, series, live, offset, time, length } = golden;
  if (series) return { kind, channel, series: { unit: "", ...series } };
  const pairs = golden.values?.map(([number, value]) => [number, value ?? Number.NaN]);
  return { kind, live, channel, offset, time, length, values: pairs };
}

describe("decode of values", () => {
  it.each(values)("reads $name", ({ hex, frames: golden }) => {
    const { frames, error } = decode(fromHex(hex).buffer);
    expect(error).toBeNull();
    expect(frames.flatMap(toldValues)).toEqual((golden as GoldenFrame[]).map(expectedValues));
    expect(frames.reduce((sum, { size }) => sum + size, 0)).toBe(hex.length / 2);
  });

  it("takes readings of one channel that follow each other together, past and present apart", () => {
    const reading = fromHex(values[0]?.hex ?? "").subarray(-38);
    const past = join([reading]);
    past[1] = 0;
    const { frames } = decode(join([past, past, reading, reading, reading]).buffer);
    expect(frames.map(({ readings }) => [readings?.live, readings?.length])).toEqual([
      [false, 2],
      [true, 3],
    ]);
  });
});

describe("encodeWrite", () => {
  it.each(writes)("writes $name", ({ hex, channel, id, answer, payload_hex }) => {
    const message = encodeWrite(channel, id, fromHex(payload_hex), answer);
    expect(toHex(new Uint8Array(message))).toBe(hex);
  });
});
