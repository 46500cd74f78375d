import { expect, it } from "vitest";
import { clockWords, leftWords, spanWords } from "./times.ts";

const at = (day: number, hours: number, minutes = 0) =>
  new Date(2026, 10, day, hours, minutes).getTime();
const now = at(23, 13, 30);

it.each([
  [at(23, 14, 5), "14:05"],
  [at(24, 9), "Tue 24 Nov, 09:00"],
])("says the day where it is not today", (time, words) =>
  expect(clockWords(time, now).replaceAll("\u202f", " ")).toBe(words),
);

it.each([
  [at(23, 14), at(23, 16), "14:00 to 16:00"],
  [at(23, 22), at(24, 6), "22:00 to Tue 24 Nov, 06:00"],
  [at(24, 9), at(24, 12), "Tue 24 Nov, 09:00 to 12:00"],
])("says the day of a span once", (from, until, words) =>
  expect(spanWords(from, until, now)).toBe(words),
);

it.each([
  [59, "less than a minute"],
  [60, "1\u00a0min"],
  [3600 + 125, "1\u00a0h 2\u00a0min"],
  [3 * 86_400 - 60, "3\u00a0d"],
])("counts %d s down to the minute", (seconds, words) =>
  expect(leftWords(now + seconds * 1000, now)).toBe(words),
);
