// What is drawn of a row: marks, colours and pictures, all as text.
import { expect, test } from "vitest";
import { logOf, Tape } from "./fakes.ts";
import { HexIndex } from "./hex.ts";
import { hexPictureOf } from "./hex-picture.ts";
import { pictureOf, piecesOf, rowText } from "./line-picture.ts";
import { LineIndex } from "./lines.ts";
import { GAP, NOTE, TX } from "./log.ts";
import { Tints } from "./tints.ts";

test("marks cut runs where they begin and end, also across colours", () => {
  const pieces = piecesOf("ab\u001b[31mcdef\u001b[0mgh", [1, 4, 6, 7]);
  expect(pieces.map(({ shown, marked }) => (marked ? `[${shown}]` : shown)).join("|")).toBe(
    "a|[b]|[cd]|ef|[g]|h",
  );
  expect(pieces[2]?.style).toBe("color:var(--ansi-1)");
});

test("a byte that is not text is one piece, whatever is marked", () => {
  const pieces = piecesOf("a\udcffb", [0, 3]);
  expect(pieces.map(({ kind, shown, marked }) => [kind, shown, marked])).toEqual([
    ["text", "a", true],
    ["bad", "FF", true],
    ["text", "b", true],
  ]);
});

test("inverse without colours turns the theme's own round", () => {
  expect(piecesOf("\u001b[7mx", [])[0]?.style).toBe(
    "color:var(--surface);background-color:var(--text)",
  );
});

test("what a journal begins with is told by all in the same words", () => {
  const tape = new Tape();
  const log = logOf([tape.gap(0), tape.rx("x")]);
  const index = new LineIndex(log);
  const hex = new HexIndex(log);
  index.take();
  hex.take();
  const sentence = "The server began a new journal.";
  expect(rowText(log, index, index.row(0))).toBe(sentence);
  expect(hexPictureOf(log, hex.row(0), null).sentence).toBe(sentence);
});

test("notes say their sentence, gaps their size, typed lines their author", () => {
  const tape = new Tape();
  const log = logOf([
    tape.note("the cable was pulled", "lost"),
    tape.gap(2048),
    tape.tx("x\n", "ben"),
  ]);
  const index = new LineIndex(log);
  index.take();
  const pictures = [0, 1, 2].map((row) => pictureOf(log, index, row, [], new Tints(log)));
  expect(pictures.map(({ kind, what, by }) => [kind, what, by])).toEqual([
    [NOTE, "lost", ""],
    [GAP, "", ""],
    [TX, "", "ben"],
  ]);
  expect(rowText(log, index, index.row(1))).toMatch(/^2\.0\skB are not kept any more\.$/);
});
