import { expect, it } from "vitest";
import { freshStep, kindOf, STEP_KINDS } from "./steps.ts";

it("A step that was just added is of its kind, and nobody else's", () => {
  for (const { value: kind } of STEP_KINDS) {
    expect(kindOf(freshStep(kind))).toBe(kind);
    expect(freshStep(kind)).not.toBe(freshStep(kind));
  }
});
