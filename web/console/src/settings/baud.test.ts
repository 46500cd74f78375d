import { describe, expect, it } from "vitest";
import { parseBaud } from "./baud.ts";

describe("a baud rate", () => {
  it.each([
    ["115200", 115200],
    [" 1 000 000 ", 1000000],
    ["31250", 31250],
    ["1", 1],
    ["4294967295", 4294967295],
  ])("is read from %j", (text, baud) => expect(parseBaud(text)).toBe(baud));

  it.each(["", "0", "9600.5", "-9600", "9600 8N1", "1e6", "0x10", "4294967296"])(
    "is not %j",
    (text) => expect(parseBaud(text)).toBeNull(),
  );
});
