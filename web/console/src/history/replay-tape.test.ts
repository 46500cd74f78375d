import type { SerialRecord } from "seriald";
import { describe, expect, it } from "vitest";
import { Tape } from "../views/fakes.ts";
import { ReplayTape } from "./replay-tape.ts";

const settle = () => new Promise((done) => setTimeout(done));

/** A port with a record of `size` bytes each, and a look at how much was taken of it. */
function port(count: number, size = 100) {
  const tape = new Tape();
  const records = Array.from({ length: count }, () => tape.rx(new Uint8Array(size)));
  const seen = { batches: 0, stopped: 0 };
  async function* source(from: number): AsyncGenerator<readonly SerialRecord[]> {
    try {
      const rest = records.filter(({ offset }) => offset >= from);
      for (let at = 0; at < rest.length; at += 10) {
        seen.batches++;
        yield rest.slice(at, at + 10);
      }
    } finally {
      seen.stopped++;
    }
  }
  return { records, seen, source };
}

describe("the tape of a replay", () => {
  it("brings every record once, in order, and tells the end", async () => {
    const { records, source } = port(35);
    const tape = new ReplayTape(source, () => {});
    tape.wind(0);
    await settle();
    expect(tape.coming).toEqual(records);
    expect(tape.ended).toBe(true);
  });

  it("asks for no more than it needs, and for more when it has played", async () => {
    const { records, seen, source } = port(400, 64 * 1024);
    const tape = new ReplayTape(source, () => {});
    tape.wind(0);
    await settle();
    expect(seen.batches).toBe(1);
    let played = 0;
    while (!tape.ended || tape.coming.length > 0) {
      expect(tape.coming.length).toBeLessThanOrEqual(20);
      expect(tape.coming[0]).toBe(records[played]);
      played += 1;
      tape.drop(1);
      await settle();
    }
    expect(played).toBe(400);
  });

  it("begins anew elsewhere, and lets go of what it read before", async () => {
    const { records, seen, source } = port(400, 64 * 1024);
    const tape = new ReplayTape(source, () => {});
    tape.wind(0);
    await settle();
    const there = records[200] as SerialRecord;
    tape.wind(there.offset);
    await settle();
    expect(tape.coming[0]).toBe(there);
    expect(seen.stopped).toBe(1);
    tape.close();
    await settle();
    expect(seen.stopped).toBe(2);
  });

  it("says why it ends", async () => {
    let changes = 0;
    // biome-ignore lint/correctness/useYield: a reading that fails before anything came
    async function* broken(): AsyncGenerator<readonly SerialRecord[]> {
      throw new Error("out of range");
    }
    const tape = new ReplayTape(broken, () => changes++);
    tape.wind(0);
    await settle();
    expect([tape.ended, tape.error, changes]).toEqual([true, "out of range", 1]);
  });
});
