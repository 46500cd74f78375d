// Rows of bytes: where they begin, how an offset finds its row, how bytes are searched.
import { expect, test } from "vitest";
import { logOf, Tape } from "./fakes.ts";
import { byteText, characterText, findBytes, HexIndex, offsetText, readNeedle } from "./hex.ts";
import { GAP, NOTE, type PortLog, RX, TX } from "./log.ts";

function rows(log: PortLog, index = indexOf(log)): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let number = index.first; number < index.next; number++) {
    const { kind, offset, end } = index.row(number);
    found.push([kind, offset, end]);
  }
  return found;
}

function indexOf(log: PortLog, columns = 8): HexIndex {
  const index = new HexIndex(log, columns);
  index.take();
  return index;
}

test("bytes of one direction fill rows across records, and a turn begins a new row", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("0123"), tape.rx("456789"), tape.tx("ab"), tape.rx("cd")]);
  expect(rows(log)).toEqual([
    [RX, 0, 8],
    [RX, 8, 10],
    [TX, 10, 12],
    [RX, 12, 14],
  ]);
});

test("notes and gaps are rows of their own", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("0"), tape.note("a"), tape.note("b"), tape.gap(1e9), tape.rx("1")]);
  expect(rows(log).map(([kind]) => kind)).toEqual([RX, NOTE, NOTE, GAP, RX]);
  expect(rows(log)[3]).toEqual([GAP, 81, 1_000_000_081]);
});

test("the last row grows, and other columns give the same bytes", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("0123456789"), tape.tx("ab")]);
  const index = indexOf(log);
  log.take([tape.tx("cdefghij")]);
  index.take();
  expect(rows(log, index).at(-1)).toEqual([TX, 18, 20]);
  index.columns = 32;
  expect(rows(log, index)).toEqual([
    [RX, 0, 10],
    [TX, 10, 20],
  ]);
});

test("an offset finds its row, whatever was dropped", () => {
  const tape = new Tape();
  const log = logOf([], 500_000);
  const index = new HexIndex(log, 16);
  for (let i = 0; i < 200; i++) {
    log.take([tape.rx(new Uint8Array(10_000)), tape.tx("x"), tape.note("n")]);
    index.take();
  }
  expect(log.oldest).toBeGreaterThan(0);
  for (const number of [index.first, index.first + 99, index.next - 1]) {
    expect(index.find(index.row(number).offset)).toBe(number);
  }
  expect(index.row(index.first).offset).toBeGreaterThanOrEqual(log.oldest);
});

test("clear hides the rows before it", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("0123456789")]);
  const index = indexOf(log);
  log.clear();
  index.take();
  expect(index.next - index.first).toBe(0);
});

test("offsets, bytes and characters are written as hex dumps do", () => {
  expect([offsetText(0), offsetText(0x1234abcd), offsetText(0x123456789a)]).toEqual([
    "0000 0000",
    "1234 abcd",
    "12 3456 789a",
  ]);
  expect([byteText(10), characterText(65), characterText(0), characterText(255)]).toEqual([
    "0a",
    "A",
    "·",
    "·",
  ]);
});

test("a search takes hex pairs or text, and finds across records in both directions", () => {
  expect([...readNeedle("DE ad:be")]).toEqual([0xde, 0xad, 0xbe]);
  expect([...readNeedle("0x0a")]).toEqual([10]);
  expect([...readNeedle("hello")]).toEqual([104, 101, 108, 108, 111]);
  const tape = new Tape();
  const log = logOf([tape.rx("ab"), tape.rx("cab"), tape.note("x"), tape.rx("cabc")]);
  const needle = readNeedle("abc");
  expect(findBytes(log, needle, 0, true)).toBe(0);
  expect(findBytes(log, needle, 1, true)).toBe(46);
  expect(findBytes(log, needle, 46, false)).toBe(0);
  expect(findBytes(log, needle, 47, true)).toBeNull();
});
