import type { Port } from "seriald";
import { beforeEach, describe, expect, it } from "vitest";
import { preferences } from "../model/preferences.svelte.ts";
import { Draft } from "./draft.svelte.ts";

describe("a draft", () => {
  let written: [number[], unknown][];
  let refuse: Error | null;
  let draft: Draft;
  beforeEach(() => {
    Object.assign(preferences, { notation: "text", ending: "lf" });
    written = [];
    refuse = null;
    draft = new Draft({
      sent: async () => ["help"],
      write: async (data: Uint8Array, options: unknown) => {
        if (refuse) throw refuse;
        written.push([[...data], options]);
      },
    } as unknown as Port);
  });

  it("goes out with its ending and is remembered as it was typed", async () => {
    draft.text = "a";
    await draft.send();
    expect(written).toEqual([[[97, 10], { remember: "a" }]]);
    expect([draft.text, draft.sent, draft.pending]).toEqual(["", 2, 0]);
  });

  it("sends a bare line ending, and remembers nothing of it", async () => {
    await draft.send();
    expect(written).toEqual([[[10], {}]]);
  });

  it("sends nothing that is nothing, or wrong", async () => {
    preferences.notation = "hex";
    await draft.send();
    draft.text = "1g";
    expect(draft.mistake).toMatch(/^Character 2/);
    await draft.send();
    expect(written).toEqual([]);
  });

  it("comes back when it was refused", async () => {
    refuse = new Error("not open");
    draft.text = "led on";
    await expect(draft.send()).rejects.toThrow("not open");
    expect(draft.text).toBe("led on");
  });

  it("does not lose what is typed while an older one is refused", async () => {
    refuse = new Error("not open");
    draft.text = "first";
    const sending = draft.send();
    draft.text = "second";
    await expect(sending).rejects.toThrow();
    expect(draft.text).toBe("second");
  });

  it("recalls what others sent too", async () => {
    await draft.recall();
    draft.text = "half";
    draft.older();
    expect(draft.text).toBe("help");
    draft.newer();
    expect(draft.text).toBe("half");
  });
});
