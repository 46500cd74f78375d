import { describe, expect, it } from "vitest";
import { type At, free, inOrder, moved, overlap, within } from "./grid.ts";

const widgets = (...places: At[]) => places.map((at, n) => ({ id: `w${n}`, at }));
const places = (all: { at: At }[]) => all.map(({ at }) => at);

describe("a grid", () => {
  it("holds everything within its columns", () => {
    expect(within([11, -3, 4, 0])).toEqual([8, 0, 4, 1]);
    expect(within([0, 2, 99, 2])).toEqual([0, 2, 12, 2]);
  });

  it("is read from top to bottom, then from left to right", () => {
    const read = inOrder(widgets([6, 0, 3, 3], [0, 3, 12, 5], [0, 0, 6, 2]));
    expect(read.map(({ id }) => id)).toEqual(["w2", "w0", "w1"]);
  });

  it("lets those make room downwards who stand in the way, and nobody else", () => {
    const before = widgets([0, 0, 4, 2], [4, 0, 4, 2], [4, 2, 4, 2], [8, 0, 4, 2]);
    expect(places(moved(before, "w0", [4, 0, 4, 2]))).toEqual([
      [4, 0, 4, 2],
      [4, 2, 4, 2],
      [4, 4, 4, 2],
      [8, 0, 4, 2],
    ]);
  });

  it("never has two in one place after a move", () => {
    let state = 1;
    const chance = (below: number) => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state % below;
    };
    let all = widgets();
    for (let n = 0; n < 30; n++) {
      const at = free(all, 1 + chance(6), 1 + chance(4));
      all = [...all, { id: `w${n}`, at }];
    }
    for (let n = 0; n < 50; n++) {
      all = moved(all, `w${chance(30)}`, [chance(14), chance(20), 1 + chance(12), 1 + chance(5)]);
      for (const [i, one] of all.entries())
        for (const other of all.slice(i + 1)) expect(overlap(one.at, other.at)).toBe(false);
    }
  });

  it("finds the first free place", () => {
    expect(free([], 4, 2)).toEqual([0, 0, 4, 2]);
    expect(free(widgets([0, 0, 10, 2]), 4, 2)).toEqual([0, 2, 4, 2]);
    expect(free(widgets([0, 0, 4, 2], [8, 0, 4, 2]), 4, 2)).toEqual([4, 0, 4, 2]);
  });
});
