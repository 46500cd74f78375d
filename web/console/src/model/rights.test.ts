import type { Right } from "seriald";
import { expect, it } from "vitest";
import { limits, mayOpen } from "./rights.ts";

const SEE: Right[] = ["see"];
const TYPE: Right[] = ["see", "type"];
const CONTROL: Right[] = ["see", "type", "control"];

it.each([
  [SEE, "You may watch arm, not type."],
  [TYPE, "You may type on arm, not change it."],
  [CONTROL, null],
])("Whoever may %j is told %s", (may, told) => expect(limits({ name: "arm", may })).toBe(told));

it.each([
  [SEE, "closed", false],
  [TYPE, "closed", true],
  [TYPE, "waiting", true],
  [TYPE, "released", false],
  [CONTROL, "released", true],
] as const)("Whoever may %j may open a port that is %s: %s", (may, state, does) =>
  expect(mayOpen({ may, state })).toBe(does),
);
