import { describe, expect, it } from "vitest";
import { composeMessage, withEnding } from "./message.ts";
import { complaint } from "./parsed.ts";

const compose = (...[input, notation, ending]: Parameters<typeof composeMessage>) => {
  const parsed = composeMessage(input, notation, ending);
  return "bytes" in parsed ? [...parsed.bytes] : complaint(parsed);
};

describe("a message", () => {
  it.each([
    ["none", []],
    ["lf", [10]],
    ["cr", [13]],
    ["crlf", [13, 10]],
  ] as const)("ends with %s", (ending, tail) => {
    expect(compose("a", "text", ending)).toEqual([97, ...tail]);
    expect(compose("\\x00", "escapes", ending)).toEqual([0, ...tail]);
  });

  it("is only its line ending when nothing was typed", () =>
    expect(compose("", "text", "cr")).toEqual([13]));
  it("is exactly its bytes in hex", () => expect(compose("0a", "hex", "crlf")).toEqual([10]));
  it("takes backslashes as they are in text", () =>
    expect(compose("\\n", "text", "none")).toEqual([92, 110]));
  it("tells people places from 1", () =>
    expect(compose("\\q", "escapes", "lf")).toMatch(/^Character 1: /));
});

describe("line breaks", () => {
  it("all become the chosen ending", () =>
    expect(withEnding("a\r\nb\rc\nd", "crlf")).toBe("a\r\nb\r\nc\r\nd"));
  it("stay where none is chosen", () => expect(withEnding("a\r\nb\n", "none")).toBe("a\r\nb\n"));
});
