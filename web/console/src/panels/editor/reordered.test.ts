import { expect, it } from "vitest";
import { reordered } from "./reordered.ts";

it("An entry moves within its list, and not beyond", () => {
  expect(reordered(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(reordered(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(reordered(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(reordered(["a", "b"], 1, 2)).toEqual(["a", "b"]);
});
