import { describe, expect, it } from "vitest";
import { proposed, refusal } from "./commands.ts";

const esptool = { command: "esptool", title: "App", files: [".bin"], size: 100, seconds: 1 };
const avrdude = {
  command: "avrdude",
  title: "AVR",
  files: [".hex", ".eep"],
  size: 100,
  seconds: 1,
};
const any = { command: "any", title: "Any", files: [], size: 5, seconds: 1 };
const file = (name: string, size = 10) => ({ name, size });

describe("a command", () => {
  it("takes files by their ending and size", () => {
    expect(refusal(esptool, file("BLINK.BIN"))).toBeNull();
    expect(refusal(any, file("x", 5))).toBeNull();
    expect(refusal(avrdude, file("blink.bin"))).toBe("AVR takes files that end in .hex, .eep.");
    expect(refusal(any, file("x", 6))).toMatch(/at most 5\sB/);
    expect(refusal(any, file("x", 0))).toMatch(/empty/);
  });

  it("is proposed that was used last, where it takes the file", () => {
    const all = [esptool, avrdude, any];
    expect(proposed(all, file("a.hex"), null)).toBe(avrdude);
    expect(proposed(all, file("a.bin", 4), "any")).toBe(any);
    expect(proposed(all, file("a.bin"), "avrdude")).toBe(esptool);
    expect(proposed(all, null, "avrdude")).toBe(avrdude);
    expect(proposed([avrdude], file("a.bin"), null)).toBe(avrdude);
    expect(proposed([], null, null)).toBeNull();
  });
});
