import { describe, expect, it } from "vitest";
import { freshId, freshName } from "./names.ts";

describe("a fresh name", () => {
  it.each([
    ["Weather station", [], "Weather station"],
    ["sensor", ["sensor", "sensor 2"], "sensor 3"],
    ["../../etc/passwd", [], "etc passwd"],
    ["Küche <b>", [], "Ku che b"],
    ["💡", [], "panel"],
    ["", ["panel"], "panel 2"],
  ])("for %j beside %j is %j", (title, taken, name) => expect(freshName(title, taken)).toBe(name));

  it("is never longer than a file's name may be", () => {
    const long = "x".repeat(200);
    const first = freshName(long, []);
    expect(first).toHaveLength(64);
    expect(freshName(long, [first])).toHaveLength(64);
  });
});

describe("a fresh id", () => {
  it("is a word of plain letters", () => {
    expect(freshId("Fan speed %", [])).toBe("fanspeed");
    expect(freshId("slider", ["slider"])).toBe("slider-2");
    expect(freshId("温度", [])).toBe("w");
  });
});
