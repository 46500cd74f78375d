import { describe, expect, it, vi } from "vitest";
import { chartOf, FakeSource } from "./fakes.ts";
import { pressKey } from "./plot-keys.ts";
import { PlotModel } from "./plot-model.svelte.ts";

const SECOND = 1e6;
const NOW = 1000 * SECOND;

async function plot(): Promise<{
  model: PlotModel;
  went: number[];
  press: (key: string) => boolean;
}> {
  vi.useFakeTimers();
  const source = new FakeSource();
  const model = new PlotModel(source, () => NOW);
  model.configure({ window: 60 });
  model.parse("auto");
  model.resize(600);
  await vi.advanceTimersByTimeAsync(200);
  const samples = [50, 30, 10].map(
    (ago) => ["v", NOW - ago * SECOND, ago] as [string, number, number],
  );
  source.asked.at(-1)?.answer(chartOf(NOW - 60 * SECOND, NOW, SECOND / 10, samples));
  await vi.advanceTimersByTimeAsync(0);
  const went: number[] = [];
  const keys = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  return { model, went, press: (key) => pressKey(model, { ...keys, key }, (at) => went.push(at)) };
}

describe("the keys of a plot", () => {
  it("go from value to value, and to the line of one", async () => {
    const { model, went, press } = await plot();
    press("ArrowLeft");
    expect(model.valuesAt(model.pointed ?? 0)[0]?.high).toBe(10);
    press("ArrowLeft");
    press("ArrowLeft");
    press("ArrowRight");
    expect(model.valuesAt(model.pointed ?? 0)[0]?.high).toBe(30);
    press("Enter");
    expect(went).toEqual([NOW - 30 * SECOND]);
  });

  it("set cursors where they are, and take them away", async () => {
    const { model, press } = await plot();
    press("ArrowLeft");
    press("a");
    press("ArrowLeft");
    press("b");
    expect(Math.round(((model.marks.b ?? 0) - (model.marks.a ?? 0)) / SECOND)).toBe(-20);
    press("Escape");
    expect(model.marks).toEqual({ a: null, b: null });
  });

  it("move through time and come back to the present", async () => {
    const { model, press } = await plot();
    press("PageUp");
    expect(model.time.span.to).toBe(NOW - 12 * SECOND);
    press("End");
    expect(model.time.live).toBe(true);
    press(" ");
    expect(model.time.held).toBe(true);
  });

  it("leave alone what is not for the plot", async () => {
    const { model, press } = await plot();
    expect(press("x")).toBe(false);
    expect(pressKey(model, { key: "a", ctrlKey: true } as KeyboardEvent, () => {})).toBe(false);
  });
});
