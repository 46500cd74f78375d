import { describe, expect, it } from "vitest";
import { amount, count, plural, rate, shortCount, span, tryAgain } from "./format.ts";

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("amounts", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [11520, "11.5 kB"],
    [99_949, "99.9 kB"],
    [99_960, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [2.5e12, "2.5 TB"],
    [9e15, "9000 TB"],
  ])("tell %d bytes as %s", (bytes, text) => expect(plain(amount(bytes))).toBe(text));

  it("tell silence in a word", () => expect(rate(0)).toBe("quiet"));
  it("tell a rate per second", () => expect(plain(rate(11520))).toBe("11.5 kB/s"));
  it("group a count by thousands", () => expect(plain(count(1234567))).toBe("1 234 567"));
  it("shorten a count that has no room", () => {
    expect([9999, 12_345, 12_345_678].map((n) => plain(shortCount(n)))).toEqual([
      "9 999",
      "12.3K",
      "12.3M",
    ]);
  });
  it("count one thing as one", () => {
    expect(plural(1, "line")).toBe("1 line");
    expect(plural(0, "line")).toBe("0 lines");
  });
});

describe("spans", () => {
  it.each([
    [0, "now"],
    [400, "now"],
    [4_000, "4 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [3 * 86_400_000, "3 d"],
  ])("tell %d ms as %s", (ms, text) => expect(plain(span(ms))).toBe(text));

  it("say when something is tried again", () => {
    expect(plain(tryAgain(5_000, 1_000))).toBe("Trying again in 4 s.");
    expect(tryAgain(1_000, 1_200)).toBe("Trying again now.");
  });

  it("name no wait that only a wrong clock can explain", () => {
    expect(tryAgain(9_999_999, 0)).toBe("Trying again.");
    expect(tryAgain(0, 9_999_999)).toBe("Trying again.");
  });
});
