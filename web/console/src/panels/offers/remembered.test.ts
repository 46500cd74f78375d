import { expect, it } from "vitest";
import { nameOf } from "./remembered.ts";

it("Panels that say something else have other names", () => {
  const names = Array.from({ length: 5000 }, (_, n) => nameOf(`{"seriald":1,"title":"${n}"}`));
  expect(new Set(names).size).toBe(names.length);
  expect(nameOf("a")).toBe(nameOf("a"));
});
