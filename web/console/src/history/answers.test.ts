import { describe, expect, it } from "vitest";
import {
  readMarks,
  readMoment,
  readRecordings,
  readSearchAnswer,
  readTimeline,
} from "./answers.ts";

const STRANGE = [null, 7, "x", [], [[]], {}, { points: 3, ports: [null, 5], type: "match" }];

describe("what the server answers", () => {
  it("is read as it is written down", () => {
    const point = { time: 1_795_377_000_000_000, offset: 48_213, rx: 51_200, tx: 12, notes: 1 };
    const timeline = { from: 1, to: 1_795_463_400_000_000, step: 300_000_000, points: [point] };
    expect(readTimeline(timeline)).toEqual(timeline);
    const mark = { offset: 9000, at: 8100, time: 7, text: "first failure", by: "anna" };
    expect(readMarks([mark])).toEqual([mark]);
    expect(readMoment({ offset: 5, time: null })).toEqual({ offset: 5, time: null });
    const end = { type: "end", matches: 17, more: "arduino:40000,gps:977" };
    expect(readSearchAnswer(end)).toEqual(end);
  });

  it("has resting values where it is strange", () => {
    for (const value of STRANGE) {
      expect(readTimeline(value)).toMatchObject({ step: 1, points: [] });
      expect(readMarks(value).every(({ text }) => text === "")).toBe(true);
      expect(readMoment(value)).toEqual({ offset: 0, time: null });
      expect(readRecordings(value).ports).toEqual([]);
      expect(readSearchAnswer(value)?.type).toBe(
        value !== null && typeof value === "object" && "type" in value ? "match" : undefined,
      );
    }
  });

  it("is put in order, and pinned where it is written when it says no other place", () => {
    const points = [{ time: 9 }, { time: 3 }];
    expect(readTimeline({ points }).points.map(({ time }) => time)).toEqual([3, 9]);
    expect(readMarks([{ offset: 5, at: -1 }])[0]?.at).toBe(5);
    expect(readSearchAnswer({ type: "news" })).toBeNull();
  });
});
