import { describe, expect, it } from "vitest";
import { jsonText, placeIn, readJson } from "./json-text.ts";

const panel = {
  title: "x",
  widgets: [
    { id: "a", at: [0, 0, 1, 1], text: 'a "quoted, [word]' },
    { id: "b", min: 1, max: 2, options: [{ title: "one" }, { title: "two" }] },
  ],
};

describe("JSON for people", () => {
  it("says the same", () => expect(JSON.parse(jsonText(panel))).toEqual(panel));
  it("has a widget on a line where it fits", () =>
    expect(jsonText(panel)).toContain('    {"id": "a", "at": [0, 0, 1, 1]'));
  it("breaks what is long", () => {
    const long = { list: Array.from({ length: 40 }, (_, n) => `entry ${n}`) };
    expect(
      Math.max(
        ...jsonText(long)
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThan(101);
  });
});

describe("a place", () => {
  const json = jsonText(panel);
  it.each([
    ["title", '"x"'],
    ["widgets[0].text", '"a \\"quoted, [word]"'],
    ["widgets[1].max", "2"],
    ["widgets[1].options[1].title", '"two"'],
    ["widgets[1].step", "{"],
    ["nowhere", "{"],
  ])("%s is found", (place, token) => {
    const { from, to } = placeIn(json, place);
    expect(json.slice(from, to)).toBe(token);
  });
});

it("JSON that breaks off tells where", () => {
  expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 } });
  expect(readJson('{"a": x}')).toMatchObject({
    message: expect.any(String),
    at: expect.any(Number),
  });
});
