import { describe, expect, it } from "vitest";
import { seeded } from "../views/fakes.ts";
import { ReplayClock, SILENCE, SPEEDS } from "./replay-clock.ts";

const START = 1_795_377_000_000_000;
const at = (...seconds: number[]) => seconds.map((each) => ({ time: START + each * 1e6 }));

function playing(speed = 1): ReplayClock {
  const clock = new ReplayClock(START, 0);
  clock.setSpeed(speed, 0);
  clock.play(0);
  return clock;
}

describe("the clock of a replay", () => {
  it.each([...SPEEDS])("plays at a speed of %d as the records were apart", (speed) => {
    const clock = playing(speed);
    const records = at(1, 2, 4);
    expect(clock.take(records, 1000 / speed - 1)).toBe(0);
    expect(clock.take(records, 1000 / speed + 0.001)).toBe(1);
    expect(clock.wait(at(2)[0] ?? { time: 0 }, 1000 / speed)).toBeCloseTo(1000 / speed, 1);
    expect(clock.take(at(2, 4), 4001 / speed)).toBe(2);
  });

  it("plays everything once and in order, however often it is asked", () => {
    const random = seeded(11);
    const clock = playing();
    let time = START;
    const records = Array.from({ length: 500 }, () => {
      time += random(300_000);
      return { time };
    });
    let played = 0;
    let now = 0;
    while (played < records.length) {
      now += random(400);
      const more = clock.take(records.slice(played), now);
      played += more;
      const last = records[played - 1];
      // Never early, and never more than the step behind.
      if (last) expect(last.time - START).toBeLessThanOrEqual(now * 1000);
      const next = records[played];
      if (next) expect(next.time - START).toBeGreaterThan(now * 1000 - 1);
    }
    expect(now).toBeGreaterThanOrEqual((time - START) / 1000 - 400);
  });

  it("stands still while it is paused", () => {
    const clock = playing();
    clock.pause(400);
    expect(clock.take(at(1), 99_000)).toBe(0);
    expect(clock.wait({ time: START + 1e6 }, 99_000)).toBeNull();
    clock.play(100_000);
    expect(clock.wait({ time: START + 1e6 }, 100_000)).toBeCloseTo(600);
    expect(clock.take(at(1), 100_600)).toBe(1);
  });

  it("changes its speed without a jump", () => {
    const clock = playing();
    clock.setSpeed(64, 500);
    expect(clock.time(500, { time: START + 1e6 })).toBe(START + 500_000);
    expect(clock.wait({ time: START + 1e6 }, 500)).toBeCloseTo(500 / 64);
  });

  it("makes long silences short, and short ones not at all", () => {
    const clock = playing();
    clock.skipSilence(true, 0);
    const records = at(0.5, 3600, 3600.2);
    expect(clock.take(records, 500)).toBe(1);
    expect(clock.wait({ time: START + 3600e6 }, 500)).toBeCloseTo(SILENCE / 1000);
    expect(clock.time(1000, { time: START + 3600e6 })).toBeCloseTo(START + 0.5e6 + 3599.5e6 / 2);
    expect(clock.take(records.slice(1), 1500)).toBe(1);
    expect(clock.take(records.slice(2), 1699)).toBe(0);
    expect(clock.take(records.slice(2), 1701)).toBe(1);
  });

  it("can begin to skip in the middle of a silence", () => {
    const clock = playing();
    const next = { time: START + 3600e6 };
    expect(clock.wait(next, 5000)).toBeCloseTo(3_595_000);
    clock.skipSilence(true, 5000);
    expect(clock.wait(next, 5000)).toBe(0);
  });

  it("goes on at once where the server's clock jumped back", () => {
    const clock = playing();
    expect(clock.take(at(1), 1000)).toBe(1);
    expect(clock.take(at(-3600, -3599), 1001)).toBe(1);
    expect(clock.time(1001, { time: START - 3599e6 })).toBeCloseTo(START - 3600e6 + 1000);
    expect(clock.take(at(-3599), 2001)).toBe(1);
  });

  it("does not make up for the time in which nothing had come", () => {
    const clock = playing();
    expect(clock.take(at(1), 1000)).toBe(1);
    clock.starve(60_000);
    expect(clock.wait({ time: START + 2e6 }, 60_000)).toBeCloseTo(1000);
  });

  it("tells the time in the recording, never past the next record", () => {
    const clock = playing();
    const next = { time: START + 1e6 };
    expect(clock.time(250, next)).toBe(START + 250_000);
    expect(clock.time(9999, next)).toBe(START + 1e6);
    clock.stand(START + 7e6, 10_000);
    expect(clock.time(10_000, undefined)).toBe(START + 7e6);
  });
});
