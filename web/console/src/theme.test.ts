// The tokens keep their promise: every text colour is readable on every ground, in both themes.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./theme.css", import.meta.url), "utf8");
const [light = "", dark = ""] = css.split(':root[data-theme="dark"]');

function tokens(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""]),
  );
}

type Three = [number, number, number];

/** Red, green and blue in proportion to light. */
function linear(hex: string): Three {
  return [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as Three;
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// What people see whose eyes lack one kind of cones, after Machado, Oliveira and Fernandes (2009).
const VISIONS: Record<string, readonly Three[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seenBy(light: Three, vision: readonly Three[]): Three {
  const mix = (row: Three) => row.reduce((sum, part, at) => sum + part * (light[at] ?? 0), 0);
  return vision.map((row) => Math.min(1, Math.max(0, mix(row)))) as Three;
}

/** CIELAB, where distances are about what eyes make of them. */
function lab([r, g, b]: Three): Three {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function contrast(a: string, b: string): number {
  const [dim = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}

describe.each([
  ["light", tokens(light)],
  ["dark", tokens(dark)],
])("the %s theme", (_, colours) => {
  const colour = (name: string) => colours.get(name) ?? expect.unreachable(`no --${name}`);

  it.each(["text", "muted", "accent", "rx", "tx", "note", "gap", "ok", "warn", "bad"])(
    "has a %s that is readable on every ground",
    (name) => {
      for (const ground of ["bg", "surface", "surface-2"]) {
        expect(contrast(colour(name), colour(ground))).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it("has words that are readable on their own soft ground", () => {
    for (const name of ["ok", "warn", "bad", "accent"]) {
      expect(contrast(colour(name), colour(`${name}-soft`))).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(colour("accent-text"), colour("accent"))).toBeGreaterThanOrEqual(4.5);
  });

  it("has colours of series that can be seen and told apart, with any vision of colours", () => {
    const series = Array.from({ length: 8 }, (_, at) => colour(`series-${at + 1}`));
    for (const each of series)
      for (const ground of ["bg", "surface"])
        expect(contrast(each, colour(ground))).toBeGreaterThanOrEqual(3);
    for (const seen of Object.values(VISIONS)) {
      const places = series.map((each) => lab(seenBy(linear(each), seen)));
      for (const [at, place] of places.entries())
        for (const other of places.slice(0, at))
          expect(Math.hypot(...place.map((part, i) => part - (other[i] ?? 0)))).toBeGreaterThan(14);
    }
  });

  it("has terminal colours that are readable on the terminal's ground", () => {
    for (let n = 1; n < 16; n++) {
      expect(contrast(colour(`ansi-${n}`), colour("surface"))).toBeGreaterThanOrEqual(4.5);
    }
  });
});
