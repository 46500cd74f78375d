import { describe, expect, it } from "vitest";
import { seriesColours } from "./series-colours.ts";

const names = (count: number) => Array.from({ length: count }, (_, at) => `s${at}`);

describe("the colours of series", () => {
  it("are all different as long as there are enough, and have other dashes then", () => {
    for (const count of [1, 5, 8]) {
      const colours = seriesColours(names(count)).map(({ colour }) => colour);
      expect(new Set(colours).size).toBe(count);
    }
    const many = seriesColours(names(20));
    expect(new Set(many.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(20);
    expect(many.map(({ dash }) => dash).filter((dash) => dash === 2)).toHaveLength(4);
    for (const { colour } of many) expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(colour);
  });

  it("stay when another comes that wants another", () => {
    const [hum, temp] = seriesColours(["hum", "temp"]);
    const [first, led, last] = seriesColours(["hum", "led", "temp"]);
    expect([first, last]).toEqual([hum, temp]);
    expect([hum?.colour, temp?.colour]).not.toContain(led?.colour);
  });
});
