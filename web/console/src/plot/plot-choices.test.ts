import { describe, expect, it } from "vitest";
import { DEFAULTS, PlotChoices, readChoices } from "./plot-choices.svelte.ts";

describe("what is kept of a plot", () => {
  it("is what was chosen, wherever that makes sense", () => {
    const stored = {
      kind: "xy",
      window: -5,
      left: { min: "low" },
      right: { max: 100 },
      looks: { temp: { colour: 3, axis: "right", hidden: true } },
      parser: { type: "regex", pattern: "(?<x>\\d+)" },
      table: "yes",
      unknown: 1,
    };
    expect(readChoices(JSON.stringify(stored))).toEqual({
      ...DEFAULTS,
      kind: "xy",
      right: { max: 100 },
      looks: stored.looks,
      parser: stored.parser,
    });
  });

  it("is nothing where the store was damaged", () => {
    for (const text of ["", "{", "[]", "7", null]) expect(readChoices(text)).toEqual(DEFAULTS);
    expect(readChoices('{"looks": {"a": {"colour": 99}}}').looks).toEqual({});
  });

  it("takes any name of a series", () => {
    const choices = new PlotChoices("p");
    for (const name of ["__proto__", "constructor", "<b>"]) choices.look(name, { hidden: true });
    expect(Object.keys(choices.all.looks)).toEqual(["__proto__", "constructor", "<b>"]);
    expect(choices.all.looks.constructor).toEqual({ hidden: true });
    expect(({} as { hidden?: boolean }).hidden).toBeUndefined();
  });
});
