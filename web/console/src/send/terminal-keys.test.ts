import { describe, expect, it } from "vitest";
import { withControl } from "./terminal-keys.ts";

describe("Ctrl on the key bar", () => {
  it.each([
    ["c", "\x03"],
    ["C", "\x03"],
    ["[", "\x1b"],
    ["@", "\x00"],
    [" ", "\x00"],
    ["/", "\x1f"],
    ["\x1b[A", "\x1b[1;5A"],
  ])("makes %j %j", (data, sent) => expect(withControl(data)).toBe(sent));

  it("leaves what has no control character", () => {
    for (const data of ["1", "~", "\r", "é", "ls"]) expect(withControl(data)).toBe(data);
  });
});
