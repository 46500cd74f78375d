import { describe, expect, it } from "vitest";
import { escaped, hexOf, unescaped } from "./escaped.ts";

describe("text in a form", () => {
  it.each(["fan {value}\n", "a\\b", "\u0000\u001b[2J\r\n", "\u202eevil", "grün 😀", "\u0085"])(
    "comes back as it went: %j",
    (text) => expect(unescaped(escaped(text))).toEqual({ text }),
  );

  it("shows a line end as it is typed", () => expect(escaped("led on\r\n")).toBe("led on\\r\\n"));

  it("holds nothing that hides or turns other text", () =>
    expect(escaped("\u202e\u200b\u0007")).toBe("\\u{202e}\\u{200b}\\x07"));

  it("tells what it does not know", () => {
    expect(unescaped("a\\q")).toMatchObject({ at: 1 });
    expect(unescaped("\\xff")).toHaveProperty("message");
  });
});

describe("what will be sent", () => {
  it("is told in hex, not endlessly", () => {
    expect(hexOf("A\n")).toBe("41 0a");
    expect(hexOf("x".repeat(40), 2)).toBe("78 78 …");
  });
});
