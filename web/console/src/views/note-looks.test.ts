// How Notes are told in a terminal.
import { expect, test } from "vitest";
import { GAP_LOOK, terminalLook } from "./note-looks.ts";

const lookOf = (what: string, colour?: string) => terminalLook({ what, text: "", colour });

test("marks, triggers and emergency stops have signs of their own, and are told apart from what else happens", () => {
  const looks = ["mark", "trigger", "halt", "opened"].map((what) => lookOf(what));
  expect(new Set([...looks, lookOf("said")].map(({ sign }) => sign)).size).toBe(5);
  expect(new Set([...looks, GAP_LOOK].map(({ colour }) => colour)).size).toBe(5);
  expect(lookOf("halt").colour).toBe(lookOf("lost").colour);
});

test("a trigger's Note has the colour that it gives, and a name that every object has is none", () => {
  const [good, warn, bad] = ["good", "warn", "bad"].map(
    (colour) => lookOf("trigger", colour).colour,
  );
  expect(new Set([good, warn, bad]).size).toBe(3);
  expect(lookOf("trigger", "pink")).toEqual(lookOf("trigger"));
  expect(lookOf("constructor")).toEqual(lookOf("opened"));
});
