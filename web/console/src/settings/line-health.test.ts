import { describe, expect, it } from "vitest";
import { LineHealth } from "./line-health.ts";

const NONE = { framing: 0, parity: 0, overrun: 0, break: 0, buffer: 0 };

describe("line health", () => {
  it("calls nothing rising that was already high at first sight", () => {
    expect(new LineHealth().update({ ...NONE, framing: 900 }, 0).size).toBe(0);
  });

  it("calls a counter rising for ten seconds after it rose", () => {
    const health = new LineHealth();
    health.update(NONE, 0);
    expect([...health.update({ ...NONE, framing: 1 }, 1_000)]).toEqual(["framing"]);
    expect([...health.update({ ...NONE, framing: 1 }, 10_999)]).toEqual(["framing"]);
    expect([...health.update({ ...NONE, framing: 1 }, 11_000)]).toEqual([]);
  });

  it("takes a counter that begins again at zero for no error", () => {
    const health = new LineHealth();
    health.update({ ...NONE, parity: 7 }, 0);
    expect(health.update(NONE, 1).size).toBe(0);
  });
});
