import { expect, it } from "vitest";
import { readTold } from "./trial.ts";

it("What a trial tells is read, whatever else it says", () => {
  const hit = { offset: 12, time: 34, line: "temp: 41", value: 41 };
  expect(readTold({ type: "hit", length: 9, ...hit })).toEqual({ type: "hit", hit });
  expect(readTold({ type: "hit", value: null })).toMatchObject({ hit: { value: Number.NaN } });
  expect(readTold({ type: "progress", searched: 5, of: 10 })).toMatchObject({ part: 0.5 });
  expect(readTold({ type: "end", left_out: 3 })).toEqual({ type: "end", leftOut: 3, isAll: true });
  expect(readTold({ type: "end", more: 99 })).toMatchObject({ isAll: false });
  for (const other of [null, 7, {}, { type: "news" }]) expect(readTold(other)).toBeNull();
  expect(() => readTold({ type: "error", detail: "the server stops" })).toThrow("the server stops");
});
