import type { Port, Readings, ValuesSink } from "seriald";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LatestValues } from "./latest-values.svelte.ts";

let draw: (() => void)[];

beforeEach(() => {
  draw = [];
  vi.stubGlobal("requestAnimationFrame", (call: () => void) => draw.push(call));
  vi.stubGlobal("cancelAnimationFrame", () => {});
});
afterEach(() => void vi.unstubAllGlobals());

function rig() {
  let sink = {} as ValuesSink;
  const close = vi.fn();
  const subscribeValues = vi.fn((_: object, taker: ValuesSink) => {
    sink = taker;
    return { close };
  });
  const values = new LatestValues();
  const stop = values.follow({ subscribeValues } as unknown as Port, "auto");
  return { values, sink, stop, close, subscribeValues };
}

const readings = (series: number[], value: number[]): Readings => ({
  length: 1,
  live: true,
  time: Float64Array.of(0),
  offset: Float64Array.of(0),
  end: Float64Array.of(1),
  first: Uint32Array.of(0, value.length),
  series: Uint16Array.from(series),
  value: Float64Array.from(value),
});

it("The newest value of each series is known by its name, with its unit", () => {
  const { values, sink } = rig();
  expect(values.get("temp")).toBeUndefined();
  sink.series?.({ number: 0, name: "temp", unit: "" });
  sink.series?.({ number: 1, name: "hum", unit: "%" });
  sink.readings(readings([0, 1, 0], [20, 40, 21]));
  sink.series?.({ number: 0, name: "temp", unit: "°C" });
  expect([values.get("temp"), values.get("hum")]).toEqual([21, 40]);
  expect([values.unit("temp"), values.unit("toString")]).toEqual(["°C", ""]);
  expect(values.names).toEqual(["temp", "hum"]);
  sink.readings(readings([0], [Number.NaN]));
  expect(values.get("temp")).toBeNaN();
});

it("A flood is drawn once a frame", () => {
  const { sink } = rig();
  sink.series?.({ number: 0, name: "temp", unit: "" });
  for (let n = 0; n < 1000; n++) sink.readings(readings([0], [n]));
  expect(draw).toHaveLength(1);
  draw[0]?.();
  sink.readings(readings([0], [1]));
  expect(draw).toHaveLength(2);
});

it("The past is looked at, so that a quiet device has values too; in the end nothing is left open", () => {
  const { subscribeValues, stop, close } = rig();
  const [options] = subscribeValues.mock.calls[0] ?? expect.unreachable();
  expect(options).toMatchObject({ parser: "auto" });
  expect((options as { from: number }).from).toBeLessThan(0);
  stop();
  expect(close).toHaveBeenCalled();
});
