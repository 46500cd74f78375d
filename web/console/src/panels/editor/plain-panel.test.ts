import { describe, expect, it } from "vitest";
import { KINDS } from "./kinds.ts";
import { parsePanel } from "./plain-panel.ts";

const panel = (widgets: unknown[]) => ({ seriald: 1, title: "x", widgets });

describe("plain data", () => {
  it("of every kind of widget is a panel", () => {
    const widgets = KINDS.map(({ fresh }, n) => ({ id: `w${n}`, at: [0, n, 1, 1], ...fresh }));
    expect(parsePanel(panel(widgets))?.widgets).toHaveLength(KINDS.length);
  });

  it("without lists has empty ones", () =>
    expect(parsePanel({ seriald: 1, title: "x" })).toMatchObject({ widgets: [], macros: [] }));

  it.each([
    null,
    [],
    { seriald: 1 },
    { seriald: 1, title: "x", widgets: {} },
    panel([null]),
    panel([{ id: "a", type: "toString", at: [0, 0, 1, 1] }]),
    panel([{ id: "a", type: "led", follow: "x", at: [0, 0, 13, 1] }]),
    panel([{ id: "a", type: "led", follow: "x", at: [0, 0, 1] }]),
    panel([{ id: "a", type: "gauge", follow: "x", min: "0", max: 1, at: [0, 0, 1, 1] }]),
    panel([{ id: "a", type: "choice", options: [null], at: [0, 0, 1, 1] }]),
    { seriald: 1, title: "x", macros: [{ id: "m", steps: [{ repeat: 2 }] }] },
    { seriald: 1, title: "x", triggers: [{ id: "t" }] },
  ])("that the editor could not show is none: %j", (value) => expect(parsePanel(value)).toBeNull());
});
