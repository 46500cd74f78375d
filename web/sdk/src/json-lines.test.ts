import { describe, expect, it } from "vitest";
import { jsonLines } from "./json-lines.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function streamOf(pieces: Uint8Array[], cancelled = () => {}): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
    cancel: cancelled,
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(stream)) values.push(value);
  return values;
}

describe("JSON Lines", () => {
  it("are the same however the bytes are cut", async () => {
    const values = [{ text: "größe\n" }, { text: "😀".repeat(4) }, 7, { text: "" }];
    const bytes = bytesOf(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(await all(streamOf(pieces))).toEqual(values);
    }
    expect(await all(streamOf([...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(values);
  });

  it("may end without a line end, and have empty lines", async () => {
    expect(await all(streamOf([bytesOf("\n1\n\r\n\n2")]))).toEqual([1, 2]);
    expect(await all(streamOf([]))).toEqual([]);
  });

  it("are given out as they come", async () => {
    const never = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytesOf('{"a":1}\n{"b"')),
    });
    const lines = jsonLines(never);
    expect((await lines.next()).value).toEqual({ a: 1 });
  });

  it("let go of the stream when nobody reads on", async () => {
    let cancelled = false;
    const stream = streamOf([bytesOf("1\n"), bytesOf("2\n"), bytesOf("3\n")], () => {
      cancelled = true;
    });
    for await (const value of jsonLines(stream)) if (value === 1) break;
    expect(cancelled).toBe(true);
  });

  it("tell of a line that is not JSON", async () => {
    await expect(all(streamOf([bytesOf("1\nno\n")]))).rejects.toThrow();
  });
});
