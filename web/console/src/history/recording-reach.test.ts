import { describe, expect, it } from "vitest";
import { reachOf } from "./recording-reach.ts";

const NOW = 1_795_377_000_000_000;
const MINUTE = 60e6;
const plain = (since: number | null, until: number | null) =>
  reachOf({ since, until }, NOW).replace(/\u00a0/g, " ");

describe("what a recording holds", () => {
  it("is told from the present", () => {
    expect(plain(null, null)).toBe("nothing yet");
    expect(plain(NOW - 9 * MINUTE, NOW - 1e6)).toBe("the last 9 min");
    expect(plain(NOW - 9 * MINUTE, null)).toBe("the last 9 min");
    expect(plain(NOW - 9 * MINUTE, NOW - 2 * MINUTE)).toBe("9 min to 2 min ago");
    expect(plain(NOW - 2.9 * MINUTE, NOW - 2 * MINUTE)).toBe("2 min ago");
  });
});
