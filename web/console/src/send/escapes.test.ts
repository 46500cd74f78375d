import { describe, expect, it } from "vitest";
import { parseEscapes } from "./escapes.ts";

const bytes = (text: string) => {
  const parsed = parseEscapes(text);
  return "bytes" in parsed ? [...parsed.bytes] : parsed;
};

describe("escapes", () => {
  it("leave plain text as UTF-8", () => {
    expect(bytes("aé😀")).toEqual([0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80]);
    expect(bytes("")).toEqual([]);
  });

  it("know every letter", () => {
    expect(bytes("\\0\\a\\b\\t\\n\\v\\f\\r\\e\\\\")).toEqual([0, 7, 8, 9, 10, 11, 12, 13, 27, 92]);
  });

  it("give a byte for \\x, not a character", () =>
    expect(bytes("\\xff\\xFe")).toEqual([0xff, 0xfe]));
  it("take exactly two digits for \\x", () => expect(bytes("\\x1b1")).toEqual([0x1b, 0x31]));
  it("encode \\u as UTF-8", () => {
    expect(bytes("\\u00e9")).toEqual([0xc3, 0xa9]);
    expect(bytes("\\u{1f600}")).toEqual([0xf0, 0x9f, 0x98, 0x80]);
  });

  it.each([
    ["ab\\", 2],
    ["\\q", 0],
    ["x\\x1", 1],
    ["\\xg0", 0],
    ["\\u12", 0],
    ["ok\\u{110000}", 2],
    ["\\ud800", 0],
    ["\\constructor", 0],
  ])("name the place of the mistake in %j", (text, at) => {
    expect(parseEscapes(text)).toMatchObject({ at, message: expect.any(String) });
  });
});
