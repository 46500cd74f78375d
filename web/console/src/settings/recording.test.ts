import type { PortState } from "seriald";
import { describe, expect, it } from "vitest";
import { recordingSize, recordingWords } from "./recording.ts";

const ON: PortState["recording"] = {
  records: "all",
  state: "on",
  bytes: 0,
  files: 0,
  stored: 0,
  lost: 0,
  problem: null,
};

describe("a port's recording", () => {
  it("says what is recorded", () => {
    expect(recordingWords(ON).word).toBe("Everything is recorded");
    expect(recordingWords({ ...ON, records: "rx" }).word).toMatch(/not what is typed/);
    for (const off of [{ records: "none" }, { state: "off" }] as const)
      expect(recordingWords({ ...ON, ...off })).toMatchObject({ tone: "rest" });
  });

  it("says before all that it fails", () => {
    expect(recordingWords({ ...ON, records: "rx", state: "failing" }).tone).toBe("warn");
  });

  it("says what it takes on disk, once it takes something", () => {
    expect(recordingSize(ON)).toBe("");
    expect(recordingSize({ ...ON, bytes: 51_200, files: 1 })).toBe("51.2\u00a0kB in 1 file");
  });
});
