import type { Port, SendOptions } from "seriald";
import { describe, expect, it } from "vitest";
import { Transfer } from "./transfer.svelte.ts";

function transferTo(send: (data: Uint8Array, options: SendOptions) => Promise<void>): Transfer {
  return new Transfer({ send } as unknown as Port);
}

const DATA = new Blob(["0123456789"]);

describe("a transfer", () => {
  it("tells how far it came, and that it came to its end", async () => {
    const transfer = transferTo(async (_, { progress }) => progress?.(10, 10));
    expect(await transfer.run(DATA, {})).toBe(true);
    expect([transfer.sent, transfer.total, transfer.problem, transfer.running]).toEqual([
      10,
      10,
      null,
      false,
    ]);
  });

  it("can be stopped, and says how far it came", async () => {
    const transfer = transferTo(
      (_, { signal, progress }) =>
        new Promise((_, reject) => {
          progress?.(4, 10);
          signal?.addEventListener("abort", () => reject(signal.reason));
          queueMicrotask(() => transfer.stop());
        }),
    );
    expect(await transfer.run(DATA, {})).toBe(false);
    expect(transfer.problem?.replaceAll("\u00a0", " ")).toBe("Stopped (after 4 B of 10 B)");
  });

  it("says in the server's words why it failed, and starts again from nothing", async () => {
    let fails = true;
    const transfer = transferTo(async (_, { progress }) => {
      progress?.(7, 10);
      if (fails) throw new Error("sensor is not open");
    });
    await transfer.run(DATA, {});
    expect(transfer.problem).toMatch(/^sensor is not open/);
    fails = false;
    await transfer.run(DATA, {});
    expect(transfer.problem).toBeNull();
  });
});
