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

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
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

  it("has terminal colours that are readable on the terminal's ground", () => {
    for (let n = 1; n < 16; n++) {
      expect(contrast(colour(`ansi-${n}`), colour("surface"))).toBeGreaterThanOrEqual(4.5);
    }
  });
});
