import { expect, it } from "vitest";
import { readExcerpt, whenText } from "./excerpt.ts";

it("An excerpt is read whole or not at all", () => {
  const told = { from: 5, to: 9, since: 1_000, until: 2_000 };
  expect(readExcerpt({ journal: 7, ...told })).toEqual(told);
  for (const wrong of [undefined, null, [], {}, { ...told, to: -1 }, { ...told, since: "now" }])
    expect(readExcerpt(wrong)).toBeNull();
});

it("The day is said once where it is one", () => {
  const noon = new Date(2026, 10, 23, 12, 0, 0).getTime() * 1000;
  const text = (seconds: number) => whenText({ since: noon, until: noon + seconds * 1e6 });
  expect(text(0.2)).toBe("2026-11-23 12:00:00");
  expect(text(62)).toBe("2026-11-23 12:00:00 – 12:01:02");
  expect(text(86_400)).toBe("2026-11-23 12:00:00 – 2026-11-24 12:00:00");
});
