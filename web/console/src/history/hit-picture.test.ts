import { describe, expect, it } from "vitest";
import type { Match } from "./answers.ts";
import { contextOf, groupHits, pictureOf } from "./hit-picture.ts";

describe("the picture of a match", () => {
  it("has the match where the server says, counted in characters", () => {
    expect(pictureOf({ text: "😀é panic: stack", start: 3, end: 8 })).toEqual({
      before: "😀é ",
      hit: "panic",
      after: ": stack",
    });
  });

  it("is cut around the match", () => {
    const text = `${"a".repeat(500)}HIT${"b".repeat(500)}`;
    const { before, hit, after } = pictureOf({ text, start: 500, end: 503 });
    expect(before).toMatch(/^…a+$/);
    expect(hit).toBe("HIT");
    expect(after).toMatch(/^b+…$/);
    expect(before.length + after.length).toBeLessThan(400);
  });

  it("bears a match that is longer than the line, or beyond it", () => {
    expect(pictureOf({ text: "abc", start: 1, end: 99 }).hit).toBe("bc");
    expect(pictureOf({ text: "abc", start: 50, end: 60 })).toEqual({
      before: "abc",
      hit: "",
      after: "",
    });
    expect(pictureOf({ text: "x".repeat(9999), start: 0, end: 9999 }).hit).toHaveLength(401);
    expect(contextOf("y".repeat(999)).length).toBeLessThan(310);
  });
});

describe("matches", () => {
  const DAY = 86_400e6;
  const hit = (port: string, days: number) => ({ port, time: days * DAY }) as Match;

  it("stand by port and day, in the order in which they came", () => {
    const groups = groupHits([hit("a", 9), hit("b", 8), hit("a", 9), hit("a", 7)]);
    expect(groups.map(({ port, days }) => [port, days.map(({ hits }) => hits.length)])).toEqual([
      ["a", [2, 1]],
      ["b", [1]],
    ]);
  });
});
