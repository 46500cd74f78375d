// Times as people write them, and texts that are none.
import { expect, test } from "vitest";
import { seeded } from "../views/fakes.ts";
import { fieldTime, readWhen } from "./when.ts";

const NOW = new Date(2026, 10, 22, 14, 30, 15, 500).getTime();
const day = (date: number, ...clock: number[]) =>
  new Date(2026, 10, date, clock[0], clock[1] ?? 0, clock[2] ?? 0, clock[3] ?? 0).getTime();

test("spans count back from now", () => {
  const spans = { "10 min ago": 600, "90s": 90, "1h 30m ago": 5400, "2 days ago": 172_800 };
  for (const [text, seconds] of Object.entries(spans))
    expect(readWhen(text, NOW)).toBe(NOW - seconds * 1000);
  expect(readWhen("-5 minutes", NOW)).toBe(NOW - 300_000);
  expect(readWhen("0.5 h ago", NOW)).toBe(NOW - 1_800_000);
  expect(readWhen(" Now ", NOW)).toBe(NOW);
});

test("a time of day is the latest that is past", () => {
  expect(readWhen("14:05", NOW)).toBe(day(22, 14, 5));
  expect(readWhen("9:00:30.25", NOW)).toBe(day(22, 9, 0, 30, 250));
  expect(readWhen("23:59", NOW)).toBe(day(21, 23, 59));
});

test("days have names or dates", () => {
  expect(readWhen("yesterday 23:00", NOW)).toBe(day(21, 23));
  expect(readWhen("today", NOW)).toBe(day(22, 0));
  expect(readWhen("2026-11-02 08:15", NOW)).toBe(day(2, 8, 15));
  expect(readWhen("2026-11-02T08:15:09", NOW)).toBe(day(2, 8, 15, 9));
  expect(readWhen("2026-11-02", NOW)).toBe(day(2, 0));
});

test("what has a zone, or counts microseconds, is taken by that", () => {
  expect(readWhen("2026-11-22T10:00:00Z", NOW)).toBe(Date.UTC(2026, 10, 22, 10));
  expect(readWhen("2026-11-22T10:00:00+02:00", NOW)).toBe(Date.UTC(2026, 10, 22, 8));
  expect(readWhen("@1795377000123456", NOW)).toBe(1795377000123.456);
});

test("what is no time is none", () => {
  const wrong = [
    "",
    "soon",
    "10 apples ago",
    "25:00",
    "14:60",
    "2026-02-31",
    "2026-13-01",
    "1.2.3 h",
  ];
  for (const text of wrong) expect(readWhen(text, NOW)).toBeNull();
});

test("whatever is typed is a number or nothing", () => {
  const random = seeded(4);
  const alphabet = "0123456789:-. TZagominhsd@+yesterday";
  for (let round = 0; round < 5000; round++) {
    let text = "";
    for (let n = random(16); n > 0; n--) text += alphabet[random(alphabet.length)];
    const time = readWhen(text, NOW);
    expect(time === null || Number.isFinite(time)).toBe(true);
  }
});

test("a field's time is read back as the same moment", () => {
  const whole = Math.floor(NOW / 1000) * 1000;
  expect(readWhen(fieldTime(whole), NOW)).toBe(whole);
});
