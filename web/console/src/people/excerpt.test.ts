import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { measure, reaches, type Seen } from "./excerpt.ts";

const SECOND = 1e6;
const NOW = 1000 * SECOND;

// A journal with a byte each second from 0 on, and 500 of them.
beforeEach(() => {
  vi.stubGlobal("location", { href: "http://pi.lan/console/" });
  vi.stubGlobal("fetch", async (address: string) => {
    const asked = new URL(address, "http://pi.lan/").searchParams;
    const time = asked.get("time");
    const offset =
      time === null
        ? Number(asked.get("offset"))
        : Math.min(500, Math.ceil(Number(time.slice(1)) / SECOND));
    return Response.json({ offset, time: offset < 500 ? offset * SECOND : null });
  });
});
afterEach(() => vi.unstubAllGlobals());

const measured = (reach: Parameters<typeof measure>[1], seen: Seen, now = NOW) =>
  measure("arm", reach, seen, now, new AbortController().signal);

it("It is what is chosen, or reaches so far around a moment or back from now", async () => {
  const moment = { selection: null, moment: 200 };
  const chosen = { selection: { from: 7, to: 9 }, moment: 7 };
  expect(await measured("selection", chosen)).toEqual({
    from: 7,
    to: 9,
    since: 7 * SECOND,
    until: 8 * SECOND,
  });
  expect(await measured("60", moment)).toMatchObject({ from: 140, to: 260 });
  expect(await measured("300", moment)).toMatchObject({ from: 0, to: 500, until: 499 * SECOND });
  const present = { selection: null, moment: null };
  expect(await measured("60", present, 510 * SECOND)).toMatchObject({ from: 450, to: 500 });
  expect(await measured("60", present)).toBeNull();
});

it("What is chosen comes first, and the words are of now where that is looked at", () => {
  const of = (...[seen]: Parameters<typeof reaches>) => reaches(seen).map(({ text }) => text);
  expect(of({ selection: { from: 1, to: 2 }, moment: 1 })[0]).toBe("What is chosen");
  expect(of({ selection: null, moment: 1 })[0]).toBe("1 minute before and after");
  expect(of({ selection: null, moment: null })[0]).toBe("The last minute");
});
