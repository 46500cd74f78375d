// How bytes become rows: the same ones however the bytes were cut.
import { expect, test } from "vitest";
import { bytesOf, cut, logOf, seeded, Tape } from "./fakes.ts";
import { LineIndex, LONGEST_LINE } from "./lines.ts";
import { GAP, NOTE, type PortLog, RX, TX } from "./log.ts";

const decoder = new TextDecoder("latin1");

function indexOf(log: PortLog): LineIndex {
  const index = new LineIndex(log);
  index.take();
  return index;
}

function rows(log: PortLog, index = indexOf(log)): string[] {
  const found: string[] = [];
  for (let number = index.first; number < index.next; number++) {
    const row = index.row(number);
    const kind = { [RX]: "", [TX]: "tx:", [NOTE]: "note", [GAP]: "gap" }[row.kind];
    const text = row.kind === RX || row.kind === TX ? decoder.decode(index.rowBytes(row)) : "";
    found.push(`${row.continues ? "+" : ""}${kind}${text}`);
  }
  return found;
}

function split(...pieces: string[]): string[] {
  const tape = new Tape();
  return rows(logOf(pieces.map((piece) => tape.rx(piece))));
}

test("lines end at LF, CRLF and a lone CR", () => {
  expect(split("a\nb\r\nc\rd")).toEqual(["a", "b", "c", "d"]);
  expect(split("\n\n\r\n\r")).toEqual(["", "", "", ""]);
  expect(split("a\n")).toEqual(["a"]);
});

test("a CRLF that two records share is one line end", () => {
  expect(split("a\r", "\nb")).toEqual(["a", "b"]);
  expect(split("a\r", "b")).toEqual(["a", "b"]);
  expect(split("a\r", "\n", "\n", "b")).toEqual(["a", "", "b"]);
});

test("every cut of a byte stream gives the same lines", () => {
  const alphabet = ["\r", "\n", "\r\n", "x", "é", "日", "\u{1f50c}", "long ".repeat(90)];
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    let stream = "";
    for (let i = 0; i < 300; i++) stream += alphabet[random(alphabet.length)];
    if (seed % 3 === 0) stream = stream.replaceAll(/[\r\n]/g, "");
    const bytes = bytesOf(stream);
    const whole = new Tape();
    const pieces = new Tape();
    const expected = rows(logOf([whole.rx(bytes)]));
    const log = logOf();
    const index = new LineIndex(log);
    for (const piece of cut(bytes, random, 1 + random(500))) {
      log.take([pieces.rx(piece)]);
      if (random(2)) index.take();
    }
    index.take();
    expect(rows(log, index)).toEqual(expected);
  }
});

test("a long line goes on in further rows, and no character is cut apart", () => {
  const tape = new Tape();
  const log = logOf([tape.rx(`x${"é".repeat(LONGEST_LINE)}\nend`)]);
  const index = indexOf(log);
  const strict = new TextDecoder("utf-8", { fatal: true });
  const texts: string[] = [];
  for (let n = index.first; n < index.next; n++)
    texts.push(strict.decode(index.rowBytes(index.row(n))));
  expect(texts.length).toBe(3);
  expect(texts.slice(0, 2).join("")).toBe(`x${"é".repeat(LONGEST_LINE)}`);
  expect(index.row(index.first + 1).continues).toBe(true);
  expect(index.row(index.next - 1).continues).toBe(false);
});

test("a line of exactly the longest length has no empty row behind it", () => {
  expect(split(`${"x".repeat(LONGEST_LINE)}\r\ny`).map((row) => row.length)).toEqual([4096, 1]);
});

test("typing does not tear the line that it answers, and is one row", () => {
  const tape = new Tape();
  const records = [tape.rx("$ ")];
  for (const key of "ls") records.push(tape.tx(key), tape.rx(key));
  records.push(tape.tx("\r"), tape.rx("\r\nfile\r\n"));
  expect(rows(logOf(records))).toEqual(["$ ls", "tx:ls", "file"]);
});

test("two people's typing and a pause make rows of their own", () => {
  const tape = new Tape();
  const records = [tape.tx("a", "anna"), tape.tx("b", "ben")];
  tape.time += 10_000_000;
  records.push(tape.tx("c", "ben"));
  expect(rows(logOf(records))).toEqual(["tx:a", "tx:b", "tx:c"]);
});

test("notes and gaps stand in order and end the line before them", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("half"), tape.note("lost"), tape.rx("other\n"), tape.gap(9)]);
  expect(rows(log)).toEqual(["half", "note", "other", "gap"]);
});

test("a row has the time of its first byte", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("a"), tape.rx("b\nc"), tape.rx("d\n")]);
  const index = indexOf(log);
  expect([0, 1].map((row) => index.time(row))).toEqual([1_001_000, 1_002_000]);
});

test("rows whose bytes are gone go too, and the others keep their numbers", () => {
  const tape = new Tape();
  const log = logOf([], 600_000);
  const index = new LineIndex(log);
  for (let i = 0; i < 40_000; i++) {
    log.take([tape.rx(`line number ${i} and more of it\n`)]);
    if (i % 1000 === 0) index.take();
  }
  index.take();
  expect(index.next).toBe(40_000);
  expect(index.first).toBeGreaterThan(10_000);
  const row = index.row(index.first);
  expect(decoder.decode(index.rowBytes(row))).toMatch(/^line number/);
  expect(index.find(row.offset)).toBe(index.first);
});

test("clear begins with the next byte, also in the middle of a line", () => {
  const tape = new Tape();
  const log = logOf([tape.rx("one\ntw")]);
  const index = indexOf(log);
  log.clear();
  index.take();
  log.take([tape.rx("o\nthree")]);
  index.take();
  expect(rows(log, index)).toEqual(["o", "three"]);
});

test("an offset finds the row that holds it", () => {
  const tape = new Tape();
  const index = indexOf(logOf([tape.rx("one\ntwo\nthree")]));
  expect([0, 2, 4, 7, 8, 99].map((offset) => index.find(offset))).toEqual([0, 0, 1, 1, 2, 2]);
});

test("a million lines are indexed without an object for each", () => {
  const tape = new Tape();
  const log = logOf();
  const block = bytesOf("temp:21.4 hum:40.1 counter:123\r\n".repeat(1000));
  for (let i = 0; i < 1000; i++) log.take([tape.rx(block)]);
  const index = indexOf(log);
  expect(index.next - index.first).toBe(1_000_000);
  const last = index.row(index.next - 1);
  expect(decoder.decode(index.rowBytes(last))).toBe("temp:21.4 hum:40.1 counter:123");
});

test("indexing in slices gives what indexing at once gives", () => {
  const tape = new Tape();
  const log = logOf(Array.from({ length: 5000 }, (_, i) => tape.rx(`line ${i}\n`)));
  const index = new LineIndex(log);
  let slices = 0;
  while (!index.take(0)) slices++;
  expect(slices).toBeGreaterThan(10);
  expect(index.next).toBe(5000);
});
