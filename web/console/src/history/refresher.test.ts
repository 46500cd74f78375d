import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refresher } from "./refresher.ts";

describe("a refresher", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks at once, then never more often than agreed, however much changes", async () => {
    const ask = vi.fn(async () => {});
    const refresher = new Refresher(ask, 1000);
    for (let turn = 0; turn < 100; turn++) {
      refresher.changed();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(ask.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect(ask.mock.calls.length).toBeLessThanOrEqual(6);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask.mock.calls.length).toBeLessThanOrEqual(6);
  });

  it("has one question under way, and asks again for what changed meanwhile", async () => {
    const answers: (() => void)[] = [];
    const ask = vi.fn(() => new Promise<void>((done) => answers.push(done)));
    const refresher = new Refresher(ask, 10);
    refresher.changed();
    await vi.advanceTimersByTimeAsync(100);
    refresher.changed();
    await vi.advanceTimersByTimeAsync(100);
    expect(ask).toHaveBeenCalledTimes(1);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(100);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("drops a question whose answer is of no use", async () => {
    const signals: AbortSignal[] = [];
    const refresher = new Refresher((signal) => {
      signals.push(signal);
      return new Promise(() => {});
    }, 1000);
    refresher.changed();
    await vi.advanceTimersByTimeAsync(0);
    refresher.now(20);
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
    await vi.advanceTimersByTimeAsync(20);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
  });

  it("goes on after a failure, and stops when it is closed", async () => {
    const ask = vi.fn(async () => Promise.reject(new Error("no")));
    const refresher = new Refresher(ask, 10);
    refresher.changed();
    await vi.advanceTimersByTimeAsync(20);
    refresher.changed();
    await vi.advanceTimersByTimeAsync(20);
    expect(ask).toHaveBeenCalledTimes(2);
    refresher.changed();
    refresher.close();
    refresher.changed();
    await vi.advanceTimersByTimeAsync(100);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});
