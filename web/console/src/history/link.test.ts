// Links to moments, there and back, and to what is not kept.
import { expect, test } from "vitest";
import { parseRoute } from "../model/route.ts";
import { destination, linkTo, momentIn } from "./link.ts";

const port = { name: "a b", journal: { id: 7, oldest: 100, head: 900, since: 1e15 } };

test("a link names port, view, offset and journal, and is read back", () => {
  const link = linkTo(port, "hex", 450, "https://pi.lan/lab/console/#/port/x?view=lines&at=3");
  expect(link).toBe("https://pi.lan/lab/console/#/port/a%20b?at=450&j=7&view=hex");
  const route = parseRoute(new URL(link).hash);
  expect(route).toMatchObject({ port: "a b", view: "hex" });
  expect(momentIn(route)).toEqual({ offset: 450, journal: 7 });
});

test("what is no offset is none", () => {
  for (const at of ["", "-1", "1.5", "1e3", "x", "99999999999999999999"])
    expect(momentIn(parseRoute(`#/port/a?at=${at}`))).toBeNull();
  expect(momentIn(parseRoute("#/port/a?at=5&j=x"))).toEqual({ offset: 5, journal: undefined });
  expect(momentIn(parseRoute("#/port/a"))).toBeNull();
});

test("a link to what is not there says what is", () => {
  expect(destination({ offset: 450, journal: 7 }, port)).toEqual({ offset: 450, told: null });
  expect(destination({ offset: 450, journal: undefined }, port).offset).toBe(450);
  const gone = destination({ offset: 50, journal: 7 }, port);
  expect(gone.offset).toBe(100);
  expect(gone.told).toMatch(/not kept any more.*begins on .*2001/);
  expect(destination({ offset: 450, journal: 8 }, port)).toMatchObject({ offset: null });
  expect(destination({ offset: 901, journal: 7 }, port).told).toMatch(/901.*900/);
});
