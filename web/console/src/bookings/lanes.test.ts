import { expect, it } from "vitest";
import { pictureOf } from "./lanes.ts";

const HOUR = 3_600_000;
const now = new Date(2026, 10, 23, 13, 30).getTime();
const stretch = (id: number, ports: string[], from: number, until: number) => ({
  id,
  ports,
  from: now + from * HOUR,
  until: now + until * HOUR,
});

it("has a lane for each port, in their order, with a bar for each booking", () => {
  const all = [stretch(1, ["rack-10", "rack-2"], -1, 1), stretch(2, ["rack-2"], 2, 4)];
  const { lanes } = pictureOf(all, now);
  expect(lanes.map(({ port }) => port)).toEqual(["rack-2", "rack-10"]);
  expect(lanes[0]?.bars.map(({ stretch, left, width }) => [stretch.id, left, width])).toEqual([
    [1, 0, 25],
    [2, 50, 50],
  ]);
  expect(lanes[1]?.bars.map(({ stretch }) => stretch.id)).toEqual([1]);
});

it.each([
  [1, ["14:00", "15:00", "16:00", "17:00"]],
  [11, ["15:00", "18:00", "21:00", "00:00"]],
  [23, ["18:00", "00:00", "06:00", "12:00"]],
  [71, ["00:00", "00:00", "00:00"]],
  [1000, ["00:00", "00:00", "00:00", "00:00"]],
])("spans bookings that end after %d h with few ticks, at full hours", (until, expected) => {
  const { ticks } = pictureOf([stretch(1, ["uno"], 0, until)], now);
  const clocks = ticks.map(({ time }) => new Date(time).toTimeString().slice(0, 5));
  expect(clocks).toEqual(expected);
  const places = ticks.map(({ left }) => left);
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(places.every((place) => place > 0 && place < 100)).toBe(true);
});

it("shows what goes on beyond its end as far as its end, and nothing that is over", () => {
  const all = [
    stretch(1, ["uno"], 1, 2000),
    stretch(2, ["uno"], -2, -1),
    stretch(3, ["duo"], 300, 301),
  ];
  const { lanes } = pictureOf(all, now);
  const bars = lanes.flatMap(({ bars }) =>
    bars.map(({ stretch, left, width }) => [stretch.id, left + width]),
  );
  expect(bars).toEqual([[1, 100]]);
});
