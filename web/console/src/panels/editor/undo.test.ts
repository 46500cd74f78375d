import { expect, it } from "vitest";
import { Undo } from "./undo.ts";

it("What was done is undone step by step, and done again", () => {
  const undo = new Undo<string>();
  undo.keep("a");
  undo.keep("b");
  expect(undo.undo("c")).toBe("b");
  expect(undo.undo("b")).toBe("a");
  expect(undo.undo("a")).toBe("a");
  expect(undo.redo("a")).toBe("b");
  expect(undo.redo("b")).toBe("c");
  expect(undo.canRedo).toBe(false);
});

it("The letters of a word are undone as one", () => {
  const undo = new Undo<string>();
  undo.keep("", "title");
  undo.keep("f", "title");
  undo.keep("fa", "title");
  expect(undo.undo("fan")).toBe("");
  expect(undo.canUndo).toBe(false);
});

it("A new change ends what could be redone", () => {
  const undo = new Undo<string>();
  undo.keep("a");
  undo.undo("b");
  undo.keep("a");
  expect(undo.canRedo).toBe(false);
});

it("Not more than a hundred steps are kept", () => {
  const undo = new Undo<number>();
  for (let n = 0; n < 150; n++) undo.keep(n);
  let [now, steps] = [150, 0];
  while (undo.canUndo) {
    now = undo.undo(now);
    steps++;
  }
  expect([now, steps]).toEqual([50, 100]);
});
