import { expect, it } from "vitest";
import { freshStep, kindOf, reordered, STEP_KINDS } from "./steps.ts";

it("A step that was just added is of its kind, and nobody else's", () => {
  for (const { kind } of STEP_KINDS) {
    expect(kindOf(freshStep(kind))).toBe(kind);
    expect(freshStep(kind)).not.toBe(freshStep(kind));
  }
});

it("An entry moves within its list, and not beyond", () => {
  expect(reordered(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(reordered(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(reordered(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(reordered(["a", "b"], 1, 2)).toEqual(["a", "b"]);
});
