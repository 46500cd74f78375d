// Hex as people write it.
import { describe, expect, it } from "vitest";
import { hex, toHex } from "./hex.ts";

describe("hex", () => {
  it.each([
    ["aa 55 01", [0xaa, 0x55, 1]],
    ["AA5501", [0xaa, 0x55, 1]],
    [" \n0a\t0D ", [10, 13]],
    ["", []],
  ])("reads %j", (text, bytes) => {
    expect([...hex(text)]).toEqual(bytes);
    expect([...hex(toHex(hex(text)))]).toEqual(bytes);
  });

  it.each([
    ["aa 5", '"5" at 3 is not in pairs'],
    ["a a", '"a" at 0 is not in pairs'],
    ["0xaa", '"x" at 1 is no hex digit'],
    ["aa,55", '"," at 2 is no hex digit'],
    ["٣٣", "at 0 is no hex digit"],
  ])("says what is wrong with %j", (text, told) => {
    expect(() => hex(text)).toThrow(told);
  });
});
