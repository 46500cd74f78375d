import { describe, expect, it } from "vitest";
import { SAMPLES, sparkline, Traffic } from "./traffic.ts";

const port = (name: string, rx: number) => ({ name, rate: { rx, tx: 0 } });

describe("traffic", () => {
  it("remembers no more than it says", () => {
    const traffic = new Traffic();
    for (let n = 0; n < SAMPLES + 5; n++) traffic.sample([port("a", n)]);
    expect(traffic.series().get("a")).toHaveLength(SAMPLES);
    expect(traffic.series().get("a")?.at(-1)).toBe(SAMPLES + 4);
  });

  it("forgets ports that are gone", () => {
    const traffic = new Traffic();
    traffic.sample([port("a", 1), port("b", 1)]);
    traffic.sample([port("b", 2)]);
    expect([...traffic.series().keys()]).toEqual(["b"]);
  });
});

describe("a sparkline", () => {
  it("ends at the right edge and stays in its box", () => {
    const points = sparkline([0, 50, 100], 78, 20)
      .split(" ")
      .map((point) => point.split(",").map(Number));
    expect(points).toHaveLength(SAMPLES);
    expect(points[0]).toEqual([0, 20]);
    expect(points.at(-2)?.[0]).toBe(76);
    expect(points.at(-1)).toEqual([78, 0]);
  });

  it("is flat on the floor in silence", () => {
    expect(
      new Set(
        sparkline([0, 0], 39, 10)
          .split(/[ ,]/)
          .filter((_, n) => n % 2),
      ),
    ).toEqual(new Set(["10.0"]));
  });
});
