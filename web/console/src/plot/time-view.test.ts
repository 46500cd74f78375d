import { describe, expect, it } from "vitest";
import { TimeView } from "./time-view.svelte.ts";

const SECOND = 1e6;
const NOW = 1000 * SECOND;

function view(): { view: TimeView; pass: (seconds: number) => void } {
  let now = NOW;
  return {
    view: new TimeView(() => now),
    pass: (seconds) => {
      now += seconds * SECOND;
    },
  };
}

describe("the time that a plot shows", () => {
  it("follows the present until somebody looks elsewhere", () => {
    const { view: time, pass } = view();
    time.follow(10 * SECOND);
    expect(time.span).toEqual({ from: NOW - 10 * SECOND, to: NOW });
    pass(5);
    expect(time.span.to).toBe(NOW + 5 * SECOND);
    time.pan(-20 * SECOND);
    pass(5);
    expect(time.span).toEqual({ from: NOW - 25 * SECOND, to: NOW - 15 * SECOND });
  });

  it("keeps the time under the pointer where it is when it zooms", () => {
    const { view: time } = view();
    time.show({ from: 100 * SECOND, to: 200 * SECOND });
    time.zoom(0.5, 125 * SECOND);
    expect(time.span).toEqual({ from: 112.5 * SECOND, to: 162.5 * SECOND });
  });

  it("goes on following when it is zoomed at the present", () => {
    const { view: time } = view();
    time.zoom(0.5, NOW);
    expect([time.live, time.length]).toEqual([true, 30 * SECOND]);
    time.zoom(0.5, NOW - 20 * SECOND);
    expect(time.live).toBe(false);
    time.zoom(100, NOW - 20 * SECOND);
    expect(time.live).toBe(true);
  });

  it("follows again when it is moved to the present", () => {
    const { view: time } = view();
    time.show({ from: 100 * SECOND, to: 200 * SECOND });
    time.pan(5000 * SECOND);
    expect([time.live, time.length]).toEqual([true, 100 * SECOND]);
  });

  it("stands still while it is held", () => {
    const { view: time, pass } = view();
    time.toggleHold();
    pass(10);
    expect(time.span.to).toBe(NOW);
    expect(time.held).toBe(true);
    time.toggleHold();
    expect(time.span.to).toBe(NOW + 10 * SECOND);
  });

  it("is never shorter or longer than can be drawn", () => {
    const { view: time } = view();
    time.zoom(1e-12);
    expect(time.length).toBe(10_000);
    time.zoom(1e30);
    expect(Number.isFinite(time.length)).toBe(true);
  });

  it("comes to a time that is not in sight, and stays at one that is", () => {
    const { view: time, pass } = view();
    time.follow(10 * SECOND);
    time.reveal(NOW - SECOND);
    pass(3);
    expect(time.span.to).toBe(NOW);
    time.reveal(300 * SECOND);
    expect(time.span).toEqual({ from: 295 * SECOND, to: 305 * SECOND });
  });
});
