import type { Macro, Panel, Trigger, Widget } from "seriald";
import { describe, expect, it } from "vitest";
import { problemAt, problemsOf } from "./check.ts";

const panel = (part: Partial<Panel>): Panel => ({
  seriald: 1,
  title: "x",
  widgets: [],
  macros: [],
  triggers: [],
  ...part,
});
const places = (part: Partial<Panel>) => problemsOf(panel(part)).map(({ at }) => at);
const at: Widget["at"] = [0, 0, 1, 1];

describe("a panel", () => {
  it("without anything is whole", () => expect(problemsOf(panel({}))).toEqual([]));
  it.each<[Partial<Panel>, string]>([
    [{ title: " " }, "title"],
    [{ title: "x".repeat(65) }, "title"],
    [{ for: { usb: "arduino" } }, "for.usb"],
    [{ for: { port: "" } }, "for.port"],
  ])("%j is wrong at %s", (part, place) => expect(places(part)).toEqual([place]));
});

describe("a widget", () => {
  it.each<[Widget, string]>([
    [{ id: "a b", type: "led", at, follow: "x" }, "id"],
    [{ id: "a", type: "slider", at, send: "fan {value}\n", min: 5, max: 5 }, "max"],
    [{ id: "a", type: "slider", at, send: "fan\n", min: 0, max: 5 }, "send"],
    [{ id: "a", type: "slider", at, send: "fan {speed}\n", min: 0, max: 5 }, "send"],
    [{ id: "a", type: "button", at, hex: "zz" }, "hex"],
    [{ id: "a", type: "button", at, macro: "none" }, "macro"],
    [{ id: "a", type: "button", at, send: "x", every: 50 }, "every"],
    [{ id: "a", type: "choice", at, options: [] }, "options"],
    [{ id: "a", type: "choice", at, options: [{ title: "", send: "x" }] }, "options[0].title"],
    [{ id: "a", type: "stop", at, send: "x".repeat(5000) }, "send"],
    [
      {
        id: "a",
        type: "gauge",
        at,
        follow: "t",
        min: 0,
        max: 9,
        bands: [{ from: 3, to: 2, colour: "good" }],
      },
      "bands[0].to",
    ],
  ])("%j is wrong at %s", (widget, place) =>
    expect(places({ widgets: [widget] })).toEqual([`widgets[0].${place}`]),
  );

  it("may not have the id of another", () => {
    const led = { id: "a", type: "led" as const, at, follow: "x" };
    expect(places({ widgets: [led, led] })).toEqual(["widgets[1].id"]);
  });
});

describe("a macro", () => {
  const macro = (steps: Macro["steps"]) => places({ macros: [{ id: "m", title: "M", steps }] });
  it("needs steps, and each of them something", () => {
    expect(macro([])).toEqual(["macros[0].steps"]);
    expect(macro([{ repeat: 2, steps: [{ wait: "" }] }])).toEqual([
      "macros[0].steps[0].steps[0].wait",
    ]);
  });
  it("is not deeper than four levels", () => {
    let steps: Macro["steps"] = [{ delay: 1 }];
    for (let level = 0; level < 4; level++) steps = [{ repeat: 1, steps }];
    expect(macro(steps)).toEqual(["macros[0].steps[0].steps[0].steps[0].steps[0].steps"]);
  });
});

describe("a trigger", () => {
  const trigger = (part: Partial<Trigger>) =>
    places({
      triggers: [{ id: "t", when: { pattern: "x" }, do: [{ mark: "m" }], ...part }],
    });
  it.each<[Partial<Trigger>, string]>([
    [{ when: { pattern: "" } }, "when.pattern"],
    [{ when: { value: "t" } }, "when"],
    [{ when: { value: "t", above: 1, below: 2 } }, "when.below"],
    [{ do: [] }, "do"],
    [{ do: [{ macro: "none" }] }, "do[0].macro"],
    [{ do: [{ webhook: "ftp://x" }] }, "do[0].webhook"],
    [{ do: [{ send: "{line}" }] }, "do[0].send"],
    [{ every: 5 }, "every"],
  ])("%j is wrong at %s", (part, place) => expect(trigger(part)).toEqual([`triggers[0].${place}`]));
  it("may tell of the line and the port", () =>
    expect(trigger({ do: [{ notify: "{port} said {line}" }] })).toEqual([]));
});

it("A problem is found at its place or within it, not at one that only begins like it", () => {
  const problems = [{ at: "widgets[10].min", text: "ten" }];
  expect(problemAt(problems, "widgets[10]")).toBe("ten");
  expect(problemAt(problems, "widgets")).toBe("ten");
  expect(problemAt(problems, "widgets[1]")).toBeNull();
});
