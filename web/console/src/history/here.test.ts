import { describe, expect, it } from "vitest";
import { chosenIn, hereIn, type Placed } from "./here.ts";

const placed = (from: number, chosen: number | null) =>
  ({
    status: { from },
    view: chosen === null ? undefined : { chosen: () => chosen },
  }) as unknown as Placed;

describe("the place in a view", () => {
  it("is the chosen row, where one is chosen", () => {
    expect([chosenIn(placed(100, 140)), hereIn(placed(100, 140))]).toEqual([140, 140]);
  });

  it("is the top of the view otherwise", () => {
    for (const told of [null, 90, 100]) {
      expect([chosenIn(placed(100, told)), hereIn(placed(100, told))]).toEqual([null, 100]);
    }
  });
});
