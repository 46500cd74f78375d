import { describe, expect, it } from "vitest";
import { numberText } from "./number-text.ts";

describe("a number for reading", () => {
  it.each([
    [21.5, undefined, "21.5"],
    [0.1 + 0.2, undefined, "0.3"],
    [-7, 2, "−7.00"],
    [1234567.891, undefined, "1234570"],
    [1e300, undefined, "1.000e+300"],
    [1e-9, 1, "1.0e−9"],
    [Number.NaN, undefined, "–"],
    [undefined, 2, "–"],
    [Number.NEGATIVE_INFINITY, undefined, "−∞"],
  ])("%j with %j digits is %j", (value, digits, text) =>
    expect(numberText(value, digits)).toBe(text),
  );
});
