import { describe, expect, it } from "vitest";
import { chosenIn, hereIn, type Placed } from "./here.ts";

const placed = (from: number, selection: { from: number; to: number } | null) =>
  ({ status: { from }, view: { selection: () => selection } }) as unknown as Placed;

describe("the place in a view", () => {
  it("is the first chosen row, where one is chosen", () => {
    const chosen = placed(100, { from: 140, to: 200 });
    expect([chosenIn(chosen), hereIn(chosen)]).toEqual([140, 140]);
  });

  it("is the top of the view otherwise", () => {
    expect([chosenIn(placed(100, null)), hereIn(placed(100, null))]).toEqual([null, 100]);
    const early = { status: { from: 7 }, view: undefined } as unknown as Placed;
    expect(hereIn(early)).toBe(7);
  });
});
