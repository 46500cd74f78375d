// Times of lines, written each way.
import { expect, test } from "vitest";
import { fullTimeText, timeText } from "./timestamps.ts";

const at = (...parts: Parameters<typeof Date.UTC>) =>
  (Date.UTC(...parts) + new Date(Date.UTC(...parts)).getTimezoneOffset() * 60_000) * 1000;
const TIME = at(2026, 10, 22, 9, 5, 7, 42) + 500;

test("the clock shows milliseconds", () => {
  expect(timeText("clock", TIME, 0, 0)).toBe("09:05:07.042");
  expect(fullTimeText(TIME)).toBe("2026-11-22 09:05:07.042");
});

test("spans grow from seconds to hours and can be negative", () => {
  const relative = (span: number) => timeText("relative", TIME + span, TIME, 0);
  expect(relative(0)).toBe("0.000");
  expect(relative(12_345_678)).toBe("12.346");
  expect(relative(61_002_000)).toBe("1:01.002");
  expect(relative(3_661_002_000)).toBe("1:01:01.002");
  expect(relative(-1_500_000)).toBe("−1.500");
});

test("the delta counts from the line before, and the first has none", () => {
  expect(timeText("delta", TIME, 0, TIME - 250_000)).toBe("+0.250");
  expect(timeText("delta", TIME, 0, 0)).toBe("+0.000");
});

test("Unix time keeps its microseconds, and a time that is not known is empty", () => {
  expect(timeText("epoch", 1_763_838_000_123_456, 0, 0)).toBe("1763838000.123456");
  expect(timeText("clock", 0, 0, 0)).toBe("");
  expect(timeText("off", TIME, 0, 0)).toBe("");
});
