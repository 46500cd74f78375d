import { describe, expect, it } from "vitest";
import { inCursorMode, TERMINAL_KEYS, withControl } from "./terminal-keys.ts";

describe("Ctrl on the key bar", () => {
  it.each([
    ["c", "\x03"],
    ["C", "\x03"],
    ["[", "\x1b"],
    ["@", "\x00"],
    [" ", "\x00"],
    ["/", "\x1f"],
    ["\x1b[A", "\x1b[1;5A"],
    ["\x1bOA", "\x1b[1;5A"],
    ["\x1bOF", "\x1b[1;5F"],
  ])("makes %j %j", (data, sent) => expect(withControl(data)).toBe(sent));

  it("leaves what has no control character", () => {
    for (const data of ["1", "~", "\r", "é", "ls"]) expect(withControl(data)).toBe(data);
  });
});

describe("Cursor keys", () => {
  const typed = (application: boolean) =>
    TERMINAL_KEYS.map(({ data }) => inCursorMode(data, application));

  it("follow the mode that the device has asked for", () => {
    expect(inCursorMode("\x1b[A", true)).toBe("\x1bOA");
    expect(inCursorMode("\x1b[H", true)).toBe("\x1bOH");
    expect(inCursorMode("\x1bOA", false)).toBe("\x1b[A");
    expect(typed(true).filter((data) => data.startsWith("\x1bO"))).toHaveLength(6);
    expect(typed(false)).toEqual(TERMINAL_KEYS.map(({ data }) => data));
  });

  it("are the only ones that do", () => {
    const other = (data: string) => data.length === 1;
    expect(typed(true).filter(other)).toEqual(typed(false).filter(other));
  });
});
