import { describe, expect, it } from "vitest";
import { EMPTY_FORM, fieldTime, localTime, questionOf } from "./search-form.ts";

const NOW = 1_795_377_000_123_456;
const ask = (change: Partial<typeof EMPTY_FORM>) =>
  questionOf({ ...EMPTY_FORM, text: "panic", ...change }, "board", NOW);

describe("a search", () => {
  it("asks for what came in, everywhere, at any time", () => {
    const { q, port, kind, from, to, regex } = ask({});
    expect({ q, port, kind, from, to, regex }).toEqual({ q: "panic", kind: "rx" });
  });

  it("says what it is limited to", () => {
    expect(
      ask({ everywhere: false, kinds: ["rx", "note"], regex: true, matchCase: true }),
    ).toMatchObject({ port: "board", kind: "rx,note", regex: "yes", case: "yes" });
  });

  it("counts a period back from the server's present", () => {
    expect(ask({ period: "1h" }).from).toBe(`@${NOW - 3_600_000_000}`);
    expect(ask({ period: "1h" }).to).toBeUndefined();
  });

  it("takes times from fields, and only where they are asked for", () => {
    const from = "2026-11-22T10:00:00";
    const asked = ask({ period: "between", from });
    expect(asked.from).toBe(`@${new Date(from).getTime() * 1000}`);
    expect(asked.to).toBeUndefined();
    expect(ask({ period: "any", from }).from).toBeUndefined();
  });

  it("reads and writes the times of fields", () => {
    expect(localTime(fieldTime(NOW))).toBe(NOW - 123_456);
    expect(localTime("")).toBeNull();
    expect(localTime("not a time")).toBeNull();
  });
});
