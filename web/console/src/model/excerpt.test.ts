import { expect, it } from "vitest";
import { readExcerpt } from "./excerpt.ts";

it("An excerpt is read whole or not at all", () => {
  const told = { from: 5, to: 9, since: 1_000, until: 2_000 };
  expect(readExcerpt({ journal: 7, ...told })).toEqual(told);
  for (const wrong of [undefined, null, [], {}, { ...told, to: -1 }, { ...told, since: "now" }])
    expect(readExcerpt(wrong)).toBeNull();
});
