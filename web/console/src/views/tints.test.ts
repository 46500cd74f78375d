// Lines that triggers have coloured, whichever way their Notes come and go.
import { expect, test } from "vitest";
import { logOf, seeded, Tape } from "./fakes.ts";
import { Tints, tintOf } from "./tints.ts";

const trigger = (at: number, length: number, colour = "bad") => ({
  what: "trigger",
  text: "Too hot",
  at,
  length,
  colour,
});

/** A record with a Note of a trigger. */
function told(tape: Tape, ...of: Parameters<typeof trigger>) {
  return tape.record("note", new Uint8Array(0), { end: tape.head + 40, note: trigger(...of) });
}

test("a line has the colour that a Note behind it gives, and lines beside it have none", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("cold\nhot\ncold\n"), told(tape, 5, 4)]);
  const tints = new Tints(log);
  tints.take();
  expect([tints.between(0, 4), tints.between(5, 8), tints.between(9, 13)]).toEqual([
    null,
    "bad",
    null,
  ]);
});

test("the last colour that was given counts, and an empty line has none", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("line\n"), told(tape, 0, 5, "good"), told(tape, 0, 5, "warn")]);
  const tints = new Tints(log);
  tints.take();
  expect(tints.between(0, 4)).toBe("warn");
  expect(tints.between(2, 2)).toBe("warn");
  expect(tints.between(5, 5)).toBeNull();
});

test("only a trigger's Note with a colour that is known gives one", () => {
  expect(tintOf(trigger(0, 1, "good"))).toBe("good");
  expect(tintOf(trigger(0, 1, "red"))).toBeNull();
  expect(tintOf({ ...trigger(0, 1), what: "mark" })).toBeNull();
  expect(tintOf(undefined)).toBeNull();
  const tape = new Tape();
  const tints = new Tints(logOf([tape.rx("line\n"), told(tape, Number.NaN, 5), told(tape, 0, -1)]));
  tints.take();
  expect(tints.between(0, 5)).toBeNull();
});

test("colours are the same in whatever order their Notes come, and go with them", () => {
  const random = seeded(4);
  const tape = new Tape();
  const lines = Array.from({ length: 200 }, () => {
    const line = tape.rx(`${"x".repeat(random(30))}\n`);
    const note = told(
      tape,
      line.offset,
      line.end - line.offset,
      ["good", "warn", "bad"][random(3)],
    );
    return { line, note };
  });
  const records = lines.flatMap(({ line, note }) => [line, note]);
  const log = logOf(records.slice(200));
  const tints = new Tints(log);
  let changes = 0;
  tints.onchanged(() => changes++);
  tints.take();
  tints.take();
  expect(changes).toBe(1);
  log.entries.prepend(records.slice(0, 200));
  tints.take();
  for (const { line, note } of lines)
    expect(tints.between(line.offset, line.end)).toBe(note.note?.colour);
  log.generation++;
  log.entries.clear();
  tints.take();
  expect(lines.every(({ line }) => tints.between(line.offset, line.end) === null)).toBe(true);
});
