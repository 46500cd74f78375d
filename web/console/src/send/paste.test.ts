import { describe, expect, it } from "vitest";
import { isManyLines, pasteData, readPaste } from "./paste.ts";

describe("a paste", () => {
  it("asks first when it has several lines, however they end", () => {
    for (const text of ["a\nb", "a\r\nb\r\n", "a\rb", "\na", "\x1b[200~a\rb\x1b[201~"]) {
      expect(isManyLines(text), JSON.stringify(text)).toBe(true);
    }
  });

  it("asks nothing about one line or a key", () => {
    for (const text of [
      "a",
      "ls -l\r",
      "\r",
      "\r\n",
      "\n",
      "\x1b[A",
      "\x1bOP",
      "",
      "\x1b[200~ls\x1b[201~",
    ]) {
      expect(isManyLines(text), JSON.stringify(text)).toBe(false);
    }
  });

  it("counts lines without the empty one behind the last break", () => {
    expect(readPaste("a\r\nb\n\nc\n").lines).toEqual(["a", "b", "", "c"]);
  });

  it("smuggles no end of the brackets and no escape", () => {
    const paste = readPaste("\x1b[200~rm\x1b[201~ -rf\r/\x1b[201~");
    expect(paste.bracketed).toBe(true);
    expect(paste.text).not.toContain("\x1b");
    expect(pasteData(paste.text, true).split("\x1b")).toHaveLength(3);
  });

  it("keeps tabs and characters of every language", () => {
    expect(readPaste("\tä\x00\x07\x7f漢").text).toBe("\tä漢");
  });
});
