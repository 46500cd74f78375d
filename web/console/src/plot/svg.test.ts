import { describe, expect, it } from "vitest";
import type { Curve } from "./curve.ts";
import type { PlotSheet } from "./plot-sheet.ts";
import { escaped, svgOf } from "./svg.ts";

const HOSTILE = `</text><script>alert(1)</script>"'&`;

function sheet(title: string, change: Partial<Curve> = {}): PlotSheet {
  const low = Float64Array.from([0, 5, Number.NaN, 9]);
  const curve: Curve = {
    series: 0,
    side: "left",
    colour: 1,
    dash: 0,
    style: "line",
    size: 4,
    x: (index) => index,
    low,
    high: low,
    ...change,
  };
  const series = {
    number: 0,
    name: title,
    title,
    unit: "°C",
    colour: 1,
    dash: 1,
    side: "left",
    hidden: false,
  } as const;
  return {
    title,
    width: 400,
    height: 200,
    area: { left: 40, top: 10, width: 340, height: 160 },
    picture: {
      isTime: false,
      x: { min: 0, max: 3, unit: "" },
      left: { min: 0, max: 10, unit: "°C" },
      right: null,
      curves: [curve],
    },
    ticks: { x: [{ at: 40, text: "0" }], left: [{ at: 10, text: `10 ${title}` }], right: [] },
    series: [series],
    inks: { text: "#000", muted: "#555", line: "#ddd", surface: "#fff", series: [[1, 2, 3]] },
  };
}

describe("a plot as SVG", () => {
  it("holds what a device calls things as text, whatever it says", () => {
    const svg = svgOf(sheet(HOSTILE));
    expect(svg).not.toContain("<script");
    expect(svg.split(escaped(HOSTILE)).length).toBe(5);
    expect(svg.match(/<text[ >]/g)?.length).toBe(svg.match(/<\/text>/g)?.length);
  });

  it("draws the values where they are", () => {
    expect(svgOf(sheet("t"))).toContain('d="M40 170L40 170L153.33 90L380 26"');
  });

  it("lifts the pen where the line is broken", () => {
    const svg = svgOf(sheet("t", { broken: Uint8Array.from([0, 0, 1, 0]) }));
    expect(svg).toContain("L153.33 90M380 26");
  });

  it("leaves out what XML has no place for", () => {
    expect(escaped("a\u0000\u001b[31m\ud800b")).toBe("a[31mb");
  });
});
