import { describe, expect, it } from "vitest";
import { wireTime } from "./wire-time.ts";

const LINE = { baud: 9600, data_bits: 8, parity: "none", stop_bits: "1", flow: "none" } as const;

describe("the time on the wire", () => {
  it("counts start, data, parity and stop bits", () => {
    expect(wireTime(960, LINE, 0, 0)).toBe(1000);
    expect(wireTime(800, { ...LINE, parity: "even", stop_bits: "2" }, 0, 0)).toBe(1000);
  });

  it("counts the pauses between chunks, not one behind the last", () => {
    expect(wireTime(96, LINE, 32, 10)).toBe(120);
    expect(wireTime(0, LINE, 32, 10)).toBe(0);
  });
});
