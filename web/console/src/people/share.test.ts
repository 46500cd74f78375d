import { expect, it } from "vitest";
import { isHereAlone, linkOf, momentOf, openings, usualOpening } from "./share.ts";

it("A link opens the port, or what else is on the page; an excerpt for those who only see", () => {
  const panel = { kind: "panel", name: "arm" } as const;
  const page = { kind: "page", name: "arm/" } as const;
  for (const [board, moment, mayOnlySee, all, usual] of [
    [null, null, true, ["port", "excerpt"], "port"],
    [null, 0, true, ["port", "moment", "excerpt"], "excerpt"],
    [null, 0, false, ["port", "moment"], "excerpt"],
    [panel, null, true, ["port"], "port"],
    [page, null, false, ["port", "page"], "page"],
  ] as const) {
    expect(openings(board, moment, mayOnlySee).map(({ value }) => value)).toEqual(all);
    expect(usualOpening(board, moment)).toBe(usual);
  }
});

it("The moment is the chosen row, or the top of a view that does not follow", () => {
  const status = { following: false, from: 7 } as never;
  expect(momentOf({ status, view: undefined })).toBe(7);
  expect(momentOf({ status: { following: true, from: 7 } as never, view: undefined })).toBeNull();
});

it("It leads to the server that the console is of, behind whatever prefix", () => {
  const path = "console/#sh_1";
  expect(linkOf(path, "http://pi.lan:8080/console/#/port/arm")).toBe(
    "http://pi.lan:8080/console/#sh_1",
  );
  expect(linkOf(path, "https://lab.example/serial/console/")).toBe(
    "https://lab.example/serial/console/#sh_1",
  );
});

it.each([
  ["http://localhost:8080/", true],
  ["http://127.0.0.1/", true],
  ["http://[::1]:8080/", true],
  ["http://pi.lan/", false],
  ["https://localhost.example/", false],
])("%s is for this machine alone: %s", (link, alone) => expect(isHereAlone(link)).toBe(alone));
