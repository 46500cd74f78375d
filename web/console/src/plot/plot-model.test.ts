import { flushSync } from "svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { chartOf, FakeSource } from "./fakes.ts";
import { PlotModel } from "./plot-model.svelte.ts";

const SECOND = 1e6;
const NOW = 1000 * SECOND;

async function modelOf(source: FakeSource, spec = {}): Promise<PlotModel> {
  const model = new PlotModel(source, () => NOW);
  model.configure(spec);
  model.parse("auto");
  model.resize(500);
  await vi.advanceTimersByTimeAsync(200);
  return model;
}

async function answer(source: FakeSource, ...args: Parameters<typeof chartOf>): Promise<void> {
  source.asked.at(-1)?.answer(chartOf(...args));
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
}

describe("a plot", () => {
  beforeEach(() => void vi.useFakeTimers());

  it("draws each series that there is, in the order of their names", async () => {
    const source = new FakeSource();
    const model = await modelOf(source);
    await answer(source, NOW - 60 * SECOND, NOW, SECOND, [
      ["b", NOW - 5 * SECOND, 1],
      ["a", NOW - 5 * SECOND, 2],
    ]);
    source.bring(["c", NOW, 3], ["a", NOW, 4]);
    expect(model.series.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    const colours = model.series.map(({ colour }) => colour);
    expect(model.picture().curves.map(({ colour }) => colour)).toEqual(colours);
    expect(model.series.map((series) => model.lastOf(series))).toEqual([4, 1, 3]);
  });

  it("draws only what a panel names, as it says", async () => {
    const source = new FakeSource();
    const series = [{ name: "a", title: "A", colour: 5, axis: "right" as const }];
    const model = await modelOf(source, { series, window: 10 });
    await answer(source, NOW - 10 * SECOND, NOW, SECOND, [
      ["b", NOW - SECOND, 1],
      ["a", NOW - SECOND, 2],
    ]);
    const { curves, left, right } = model.picture();
    expect(curves.map(({ colour, side }) => [colour, side])).toEqual([[5, "right"]]);
    expect([left, right?.min !== undefined]).toEqual([null, true]);
    expect(model.visible[0]?.title).toBe("A");
  });

  it("asks for the past anew when parser or window change", async () => {
    const source = new FakeSource();
    const model = await modelOf(source);
    await answer(source, NOW - 60 * SECOND, NOW, SECOND, [["a", NOW, 1]]);
    model.parse({ type: "json" });
    await vi.advanceTimersByTimeAsync(0);
    expect(source.asked.at(-1)?.parser).toEqual({ type: "json" });
    expect(model.series).toEqual([]);
    expect(source.subscriptions[0]?.closed).toBe(true);
    model.move((time) => time.show({ from: 0, to: SECOND }), 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(source.asked.at(-1)?.from).toEqual({ time: 0 });
  });

  it("tells values at a time: the last known, and none behind a break", async () => {
    const source = new FakeSource();
    const model = await modelOf(source);
    await answer(source, NOW - 60 * SECOND, NOW, SECOND, [["a", NOW - 30 * SECOND, 7]]);
    source.bring(["a", NOW - 10 * SECOND, Number.NaN]);
    const at = (seconds: number) => model.valuesAt(NOW - seconds * SECOND)[0]?.high ?? null;
    expect([at(40), at(20), at(5)]).toEqual([null, 7, null]);
  });

  it("reads each reading where a picture needs that, as far back as it can", async () => {
    const source = new FakeSource();
    const model = await modelOf(source, { kind: "histogram" });
    const chart = chartOf(NOW - 60 * SECOND, NOW, SECOND, [["a", NOW - SECOND, 7]]);
    source.asked.at(-1)?.answer({ ...chart, readings: 4 * 65_536 });
    await vi.advanceTimersByTimeAsync(0);
    expect(source.subscriptions.at(-1)?.options.from).toEqual({ time: NOW - 15 * SECOND });
    expect(model.isCut).toBe(true);
    source.bring(["a", NOW - 2 * SECOND, 7], ["a", NOW - SECOND, 7]);
    vi.advanceTimersByTime(500);
    expect(Math.max(...(model.picture().curves[0]?.high ?? []))).toBe(2);
  });

  it("draws one series over another from readings that have both", async () => {
    const source = new FakeSource();
    const model = await modelOf(source, { kind: "xy" });
    await answer(source, NOW - 60 * SECOND, NOW, SECOND, [
      ["x", NOW - SECOND, 1],
      ["y", NOW - SECOND, 2],
    ]);
    vi.advanceTimersByTime(500);
    const { curves } = model.picture();
    // Each of these readings has but one of the two.
    source.bring(["x", NOW - SECOND, 1], ["y", NOW - SECOND, 2]);
    expect(curves.map(({ size, style }) => [size, style])).toEqual([[0, "dots"]]);
  });
});
