import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Coalesced } from "./coalesced.ts";

describe("coalesced values", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("go out at most once in a pause, the first at once and the last always", async () => {
    const sent: number[] = [];
    const values = new Coalesced<number>(async (value) => void sent.push(value), 50);
    for (let value = 0; value <= 200; value++) {
      values.push(value);
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(sent[0]).toBe(0);
    expect(sent.at(-1)).toBe(200);
    expect(sent.length).toBeLessThanOrEqual(6);
  });

  it("wait for a device that is slow", async () => {
    const sent: number[] = [];
    let taken = () => {};
    const values = new Coalesced<number>((value) => {
      sent.push(value);
      return new Promise((done) => {
        taken = done;
      });
    }, 50);
    values.push(1);
    values.push(2);
    values.push(3);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual([1]);
    taken();
    await vi.advanceTimersByTimeAsync(50);
    expect(sent).toEqual([1, 3]);
  });
});
