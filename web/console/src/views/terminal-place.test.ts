// Rows of the terminal and offsets of the log, there and back.
import type { IMarker } from "@xterm/xterm";
import { expect, test } from "vitest";
import { logOf, Tape } from "./fakes.ts";
import { TerminalPlace } from "./terminal-place.ts";

function markerAt(line: number): IMarker {
  const marker = { line, isDisposed: false, dispose: () => undefined };
  return marker as unknown as IMarker;
}

test("between marks, line feeds are counted", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("zero\none\ntwo\nthree\nfour\n")]);
  const place = new TerminalPlace(log);
  place.mark(5, () => markerAt(1), 0, true);
  expect(place.offsetAt(1)).toBe(5);
  expect(place.offsetAt(3)).toBe(13);
  expect(place.lineOf(13)).toBe(3);
  expect(place.lineOf(14)).toBe(3);
  expect(place.lineOf(2)).toBeNull();
});

test("a flood makes few marks, and rows that are gone are none", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("x\n".repeat(2000))]);
  const place = new TerminalPlace(log);
  const first = { ...markerAt(0), isDisposed: false };
  place.mark(0, () => first, 1000, false);
  let asked = 0;
  for (let i = 1; i < 50; i++) {
    place.mark(
      i * 2,
      () => {
        asked++;
        return markerAt(i);
      },
      1000 + i,
      false,
    );
  }
  expect(asked).toBe(0);
  expect(place.lineOf(20)).toBe(10);
  first.isDisposed = true;
  expect(place.lineOf(20)).toBeNull();
});

test("very many marks are thinned", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("x\n".repeat(5000))]);
  const place = new TerminalPlace(log);
  let disposed = 0;
  for (let i = 0; i < 2000; i++) {
    const marker = { line: i, isDisposed: false, dispose: () => disposed++ };
    place.mark(i * 2, () => marker as never, i, true);
  }
  expect(disposed).toBeGreaterThan(1000);
  expect(place.lineOf(3990)).toBe(1995);
});
