import { expect, it } from "vitest";
import { firstOpen, opening } from "./accordion.ts";

const entries = [{ id: "a" }, { id: "b" }];

it("What is wrong is open at first, or the only entry", () => {
  expect(firstOpen(entries, [], "macros")).toBeNull();
  expect(firstOpen(entries, [{ at: "macros[1].steps", text: "x" }], "macros")).toBe("b");
  expect(firstOpen(entries.slice(0, 1), [], "macros")).toBe("a");
  expect(firstOpen([], [], "macros")).toBeNull();
});

it("One is open at a time", () => {
  expect(opening("a", "b", true)).toBe("b");
  expect(opening("b", "a", false)).toBe("b");
  expect(opening("b", "b", false)).toBeNull();
});
