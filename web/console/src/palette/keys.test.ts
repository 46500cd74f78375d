import { describe, expect, it } from "vitest";
import { isShortcut, type KeyPress, keycaps } from "./keys.ts";

const press = (key: string, held = "", code = ""): KeyPress => ({
  key,
  code,
  ctrlKey: held.includes("c"),
  metaKey: held.includes("m"),
  altKey: held.includes("a"),
  shiftKey: held.includes("s"),
});

describe("a shortcut", () => {
  it("is pressed with exactly its modifiers", () => {
    expect(isShortcut(press("P", "cs"), "Ctrl+Shift+P")).toBe(true);
    expect(isShortcut(press("p", "c"), "Ctrl+Shift+P")).toBe(false);
    expect(isShortcut(press("P", "csa"), "Ctrl+Shift+P")).toBe(false);
  });
  it("takes Command for Ctrl", () => expect(isShortcut(press("k", "m"), "Ctrl+K")).toBe(true));
  it("finds a key that Alt has changed", () => {
    expect(isShortcut(press("¡", "a", "Digit1"), "Alt+1")).toBe(true);
  });
  it("follows the letter, not the place, where the letter is known", () => {
    expect(isShortcut(press("k", "c", "KeyV"), "Ctrl+K")).toBe(true);
    expect(isShortcut(press("t", "c", "KeyK"), "Ctrl+K")).toBe(false);
  });
  it("knows arrows and signs", () => {
    expect(isShortcut(press("ArrowDown", "a"), "Alt+↓")).toBe(true);
    expect(isShortcut(press("?", "s"), "?")).toBe(true);
    expect(isShortcut(press("/", ""), "?")).toBe(false);
  });
  it("is drawn with a Mac's signs on a Mac", () => {
    expect(keycaps("Ctrl+Shift+P", true)).toEqual(["⌘", "⇧", "P"]);
    expect(keycaps("Alt+1", false)).toEqual(["Alt", "1"]);
  });
});
