import { describe, expect, it } from "vitest";
import { differences } from "./differences.ts";

const LINE = { baud: 115200, data_bits: 8, parity: "none", stop_bits: "1", flow: "none" } as const;

describe("asked and actual", () => {
  it("are not compared before the device is open", () =>
    expect(differences(LINE, null)).toEqual([]));
  it("say nothing where they agree", () => expect(differences(LINE, { ...LINE })).toEqual([]));
  it("tell how far a baud rate is off", () => {
    expect(differences(LINE, { ...LINE, baud: 117647 })).toEqual([
      "Asked for baud rate 115200; the device runs at 117647 (+2.1 %).",
    ]);
  });
  it("tell every setting that differs", () => {
    expect(differences(LINE, { ...LINE, data_bits: 7, parity: "even" })).toHaveLength(2);
  });
});
