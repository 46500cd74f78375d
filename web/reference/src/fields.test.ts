import { expect, it } from "vitest";
import { DOCUMENT } from "./fakes.ts";
import { Fields } from "./fields.ts";

const fields = new Fields(DOCUMENT);
const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });

it("says of each field what people want to know", () => {
  const rows = fields.of(named("Change"));
  expect(rows.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    "at: integer",
    "phase: Phase",
    "lines: Line or null",
    "title: string or null",
    "anything: any",
  ]);
  const [at, phase, lines] = rows;
  expect(at).toMatchObject({ about: "A place.", isRequired: false, inner: undefined });
  expect(phase).toMatchObject({ about: "What it does.", isRequired: true });
  expect(phase?.words).toEqual(["open", "closed"]);
  expect(lines?.inner).toBeDefined();
});

it("looks into lists and choices, and joins what is put together", () => {
  expect(fields.type({ type: "array", items: named("Change") })).toBe("Change[]");
  const shapes = fields.shapes({ items: named("Line") });
  expect(shapes.map((shape) => fields.of(shape).map(({ name }) => name))).toEqual([
    ["length"],
    ["at", "phase", "lines", "title", "anything", "type"],
  ]);
});

it("is not broken by a name that leads nowhere", () => {
  expect(fields.of(named("Nothing"))).toEqual([]);
  expect(fields.type(named("Nothing"))).toBe("Nothing");
});
