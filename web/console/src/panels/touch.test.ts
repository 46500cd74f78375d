import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Touch } from "./touch.svelte.ts";

describe("a touch of a control", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is told as sent, and rests again after a while", async () => {
    const touch = new Touch(async () => {});
    const done = touch.send(1);
    expect(touch.state).toBe("sending");
    expect(await done).toBe(true);
    expect(touch.state).toBe("sent");
    vi.advanceTimersByTime(2000);
    expect(touch.state).toBe("rest");
  });

  it("that is refused says why until the next one", async () => {
    let isOpen = false;
    const touch = new Touch(async () => {
      if (!isOpen) throw new Error("the port is not open");
    });
    expect(await touch.send()).toBe(false);
    expect([touch.state, touch.reason]).toEqual(["refused", "the port is not open"]);
    isOpen = true;
    await touch.send();
    expect([touch.state, touch.reason]).toEqual(["sent", null]);
  });

  it("shows what became of the last one, whichever ends first", async () => {
    const ends: (() => void)[] = [];
    const touch = new Touch(() => new Promise<void>((done) => ends.push(done)));
    const first = touch.send(1);
    const second = touch.send(2);
    ends[0]?.();
    await first;
    expect(touch.state).toBe("sending");
    ends[1]?.();
    await second;
    expect(touch.state).toBe("sent");
  });
});
