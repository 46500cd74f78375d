import { describe, expect, it } from "vitest";
import { type Curve, pointsBetween, pointsIn, traceLine } from "./curve.ts";

const N = Number.NaN;

function curve(low: number[], high = low, more: Partial<Curve> = {}): Curve {
  return {
    series: 0,
    side: "left",
    colour: 1,
    dash: 0,
    style: "line",
    size: low.length,
    x: (index) => index * 10,
    low: Float64Array.from(low),
    high: Float64Array.from(high),
    ...more,
  };
}

function traced(of: Curve): string {
  let path = "";
  const pen = {
    move: (x: number, y: number) => {
      path += `M${x},${y} `;
    },
    line: (x: number, y: number) => {
      path += `L${x},${y} `;
    },
  };
  traceLine(of, { xScale: 1, xShift: 0, yScale: 1, yShift: 0 }, pen, 0, of.size);
  return path.trim();
}

describe("a curve", () => {
  it("goes over steps without values, and not over breaks", () => {
    expect(traced(curve([1, N, 3]))).toBe("M0,1 L0,1 L20,3");
    const broken = Uint8Array.from([0, 1, 0]);
    expect(traced(curve([1, N, 3], undefined, { broken }))).toBe("M0,1 L0,1 M20,3 L20,3");
  });

  it("shows both ends of a step, in the order in which they came", () => {
    const [lowAt, highAt] = [Float64Array.from([5, 9]), Float64Array.from([6, 8])];
    const both = curve([1, 2], [4, 9], { lowAt, highAt });
    expect(traced(both)).toBe("M0,1 L0,4 L10,9 L10,2");
  });

  it("takes what is nearer first where the order is unknown", () => {
    expect(traced(curve([5, 1], [6, 6]))).toBe("M0,5 L0,6 L10,6 L10,1");
  });

  it("reaches the edges of what is shown with the values beyond them", () => {
    const points = curve([1, N, 2, 3, N, 4, 5]);
    expect(pointsBetween(points, 15, 35)).toEqual([0, 6]);
    expect(pointsBetween(points, -100, 1000)).toEqual([0, 7]);
    expect(pointsBetween(curve([]), 0, 1)).toEqual([0, 0]);
    expect(pointsIn(points, 0, 6)).toBe(4);
  });
});
