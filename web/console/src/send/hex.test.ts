import { describe, expect, it } from "vitest";
import { parseHex } from "./hex.ts";

const bytes = (text: string) => {
  const parsed = parseHex(text);
  return "bytes" in parsed
    ? Buffer.from(parsed.bytes)
        .toString("hex")
        .replaceAll(/\B(?=(..)+$)/g, " ")
    : parsed;
};

describe("hex", () => {
  it.each(["1b5b41", "1B 5B 41", "0x1b, 0x5B,0x41", "1b-5b-41", " 1b:5b\n41 "])(
    "reads %j",
    (text) => expect(bytes(text)).toBe("1b 5b 41"),
  );
  it("reads nothing from nothing", () => expect(bytes("  ")).toBe(""));

  it.each([
    ["1b 5", 3, /missing/],
    ["1b 5 41", 3, /missing/],
    ["1b 5g", 4, /“g”/],
    ["zz", 0, /“z”/],
    ["0x", 2, /missing/],
  ])("names the place of the mistake in %j", (text, at, message) => {
    expect(parseHex(text)).toMatchObject({ at, message: expect.stringMatching(message) });
  });
});
