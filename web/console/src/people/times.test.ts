import { expect, it } from "vitest";
import {
  agoWords,
  endOf,
  restWords,
  shareEnd,
  untilMinute,
  untilWords,
  whenText,
} from "./times.ts";

const NOW = Date.UTC(2026, 10, 23, 12) * 1000;
const DAY = 86_400_000_000;

it.each([
  [null, "no end"],
  [NOW, "ended"],
  [NOW + 1, "until 2026-11-23"],
  [endOf("30", NOW), "until 2026-12-23"],
])("What ends at %s is told as %s", (expires, words) =>
  expect(untilWords(expires, NOW)).toBe(words),
);

it("What has no lifetime has no end", () => expect(endOf("", NOW)).toBeNull());

it.each([
  [null, "never"],
  [NOW + 5, "just now"],
  [NOW - 59_000_000, "just now"],
  [NOW - 180_000_000, "3\u00a0min ago"],
  [NOW - 3 * DAY, "3\u00a0d ago"],
])("What was at %s is told as %s", (time, words) =>
  expect(agoWords(time, "never", NOW)).toBe(words),
);

it("A share link ends within hours, told to the minute", () => {
  expect(shareEnd("24", NOW)).toBe(NOW + DAY);
  expect(untilMinute(shareEnd("1", NOW))).toMatch(/^until 2026-11-23 \d\d:00$/);
});

it.each([
  [null, []],
  [{ until: NOW + 1 }, []],
  [{ until: NOW }, ["rests until zoe comes again"]],
  [{ until: null }, ["rests until zoe comes again"]],
])("What counts by %o is told as %o", (elsewhere, words) =>
  expect(restWords(elsewhere, "zoe", NOW)).toEqual(words),
);

it("The day is said once where it is one", () => {
  const noon = new Date(2026, 10, 23, 12, 0, 0).getTime() * 1000;
  const text = (seconds: number) => whenText({ since: noon, until: noon + seconds * 1e6 });
  expect(text(0.2)).toBe("2026-11-23 12:00:00");
  expect(text(62)).toBe("2026-11-23 12:00:00 – 12:01:02");
  expect(text(86_400)).toBe("2026-11-23 12:00:00 – 2026-11-24 12:00:00");
});
