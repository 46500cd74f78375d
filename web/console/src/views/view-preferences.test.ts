// Stored preferences of the views: whatever was stored, what is read can be used.
import { expect, test } from "vitest";
import { DEFAULTS, readViewPreferences } from "./view-preferences.svelte.ts";

test("nothing and nonsense read as the defaults", () => {
  for (const stored of [null, "", "{", "[]", "7", '"x"', "null"])
    expect(readViewPreferences(stored)).toEqual(DEFAULTS);
});

test("each value is checked by itself", () => {
  const stored = { time: "epoch", context: 999, columns: 7, textSize: 15, wrap: "no", alien: 1 };
  expect(readViewPreferences(JSON.stringify(stored))).toEqual({
    ...DEFAULTS,
    time: "epoch",
    textSize: 15,
  });
});
