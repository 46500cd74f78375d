// Rows of the hex view as they are drawn and copied.
import type { SerialRecord } from "seriald";
import { expect, test } from "vitest";
import { logOf, Tape } from "./fakes.ts";
import { HexIndex } from "./hex.ts";
import { dumpText, fittingColumns, hexPictureOf, hexWidth } from "./hex-picture.ts";

function dump(...records: SerialRecord[]): string[] {
  const log = logOf(records);
  const index = new HexIndex(log, 16);
  index.take();
  return Array.from({ length: index.next }, (_, row) =>
    dumpText(hexPictureOf(log, index.row(row), null), 16),
  );
}

test("a copied row is what a hex dump would write", () => {
  const tape = new Tape();
  const records = [tape.rx("Hello, \u0000\u007f world"), tape.tx("x"), tape.note("lost")];
  expect(dump(...records)).toEqual([
    "00000000  48 65 6c 6c 6f 2c 20 00  7f 20 77 6f 72 6c 64     |Hello, .. world|",
    "0000000f >78                                                |x|",
    "00000010  -- lost",
  ]);
});

test("found bytes are marked in both columns", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("abcdef")]);
  const { parts } = hexPictureOf(log, { kind: 1, offset: 0, end: 6 }, { from: 2, to: 4 });
  expect(parts).toEqual([
    { hex: "61 62 ", ascii: "ab", marked: false },
    { hex: "63 64", ascii: "cd", marked: true },
    { hex: " 65 66", ascii: "ef", marked: false },
  ]);
});

test("as many columns are shown as there is room for", () => {
  expect([40, 77, 78, 140, 200].map(fittingColumns)).toEqual([8, 8, 16, 16, 32]);
  expect([8, 16, 32].map(hexWidth)).toEqual([24, 49, 99]);
});
