import { describe, expect, it } from "vitest";
import { Printed, percentIn } from "./printed.ts";

function shown(...texts: string[]): string[] {
  const printed = new Printed();
  for (const text of texts) printed.take(text);
  return printed.lines;
}

describe("what a program printed", () => {
  it("is written over after a carriage return", () => {
    expect(shown("Writing (3 %)\rWriting (97 %)\rW\nDone\n")).toEqual([
      "Writing (97 %)",
      "Done",
      "",
    ]);
    expect(shown("100%\r5%\x1b[K")).toEqual(["5%"]);
    expect(shown("abc\b\bX\x1b[2KY")).toEqual(["  Y"]);
    expect(shown("a\tb\r\n")).toEqual(["a       b", ""]);
  });

  it("is the same however it is cut", () => {
    const text =
      "\x1b[1;32mgr\u00f6\u00dfe\x1b[0m \x1b]0;title\x07x\x1b]8;;u\x1b\\y\r\n\x1b(B12%\x1b[0K";
    const whole = shown(text);
    expect(whole).toEqual(["gr\u00f6\u00dfe xy", "12%"]);
    for (let at = 0; at <= text.length; at++)
      expect(shown(text.slice(0, at), text.slice(at))).toEqual(whole);
  });

  it("is bounded, and hides nothing behind what is no sequence", () => {
    expect(shown("x\n".repeat(5000)).length).toBeLessThanOrEqual(501);
    expect(shown("y".repeat(1e5))[0]?.length).toBe(1000);
    expect(shown(`\x1b]0;${"t".repeat(1e5)}`, "\nseen")).toContain("seen");
    expect(shown("\x1b\x01plain\x00")).toEqual(["plain"]);
  });
});

describe("how far a program is", () => {
  it.each([
    [["Writing at 0x00010000... (3 %)"], 3],
    [["Writing | ############ | 45% 0.5s"], 45],
    [["Writing [===>  ]  12.5% 10/80", ""], 12.5],
    [["Erase 100%", "Writing 7%"], 7],
    [["compressed 250% of", "no number"], null],
    [[], null],
  ])("is what %j says last", (lines, percent) => expect(percentIn(lines)).toBe(percent));
});
