// How device text looks: by the SGR sequences before it, in its line or in an earlier one.
import { expect, test } from "vitest";
import { bytesOf, cut, logOf, seeded, Tape } from "./fakes.ts";
import { rowText } from "./line-picture.ts";
import { LineIndex, LONGEST_LINE } from "./lines.ts";
import type { PortLog } from "./log.ts";
import { applySgr, css, LookTable, lookBehind, PLAIN, runsOf } from "./looks.ts";

test("SGR colours a run and the place counts without escapes", () => {
  const runs = runsOf("a\u001b[31mred\u001b[1;44mboth\u001b[mz\u001b[2J");
  expect(runs.map(({ at, text, look }) => [at, text, look.fg, look.bg, look.bold])).toEqual([
    [0, "a", null, null, false],
    [1, "red", 1, null, false],
    [4, "both", 1, 4, true],
    [8, "z", null, null, false],
  ]);
});

test("256 colours and true colours are understood, and nonsense changes nothing", () => {
  expect(applySgr(PLAIN, "38;5;208").fg).toBe(208);
  expect(applySgr(PLAIN, "48;2;1;20;300").bg).toBe("#0114ff");
  expect(applySgr(PLAIN, "38;5;208;1").bold).toBe(true);
  expect(applySgr(PLAIN, ">4;2")).toEqual(PLAIN);
  expect([3, 16, 208, 255, null].map(css)).toEqual([
    "var(--ansi-3)",
    "rgb(0 0 0)",
    "rgb(255 135 0)",
    "rgb(238 238 238)",
    null,
  ]);
});

test("a reset of the terminal makes text plain again", () => {
  expect(lookBehind("\u001b[1;31m", PLAIN)).toMatchObject({ fg: 1, bold: true });
  expect(lookBehind("\u001b[31mx\u001bcy", PLAIN)).toEqual(PLAIN);
  expect(lookBehind("\u001b[31mx\u001b[!py", PLAIN)).toEqual(PLAIN);
  expect(lookBehind("\u001b[31mx\u001b[2Jy", PLAIN)).toMatchObject({ fg: 1 });
});

test("looks have numbers, and those that cannot have one are plain", () => {
  const table = new LookTable();
  const red = applySgr(PLAIN, "31");
  expect(table.look(table.code(red))).toEqual(red);
  expect(table.code({ ...PLAIN })).toBe(0);
  for (let i = 0; i < 70_000; i++) table.code({ ...PLAIN, fg: `#${i}` });
  expect(table.look(table.code({ ...PLAIN, fg: "#69999" }))).toEqual(PLAIN);
  expect(table.look(table.code(red))).toEqual(red);
});

// Each character with its look, without line ends, as the rows have it and as one stream has it.
const looksOf = (text: string, begin = PLAIN) =>
  runsOf(text, begin).flatMap(({ text, look }) => [...text].map((c) => `${c} ${styleKey(look)}`));
const styleKey = ({ fg, bg, bold }: typeof PLAIN) => `${fg}/${bg}/${bold}`;

function looksInRows(log: PortLog, index: LineIndex): string[] {
  const found: string[] = [];
  for (let row = index.first; row < index.next; row++)
    found.push(...looksOf(rowText(log, index, index.row(row)), index.look(row)));
  return found;
}

function looksWhenCut(pieces: Uint8Array[]): string[] {
  const tape = new Tape();
  const log = logOf();
  const index = new LineIndex(log);
  for (const piece of pieces) {
    log.take([tape.rx(piece)]);
    index.take();
  }
  return looksInRows(log, index);
}

const looksInStream = (stream: string) =>
  looksOf(stream).filter((character) => !/^[\r\n]/.test(character));

test("a colour goes on over the ends of lines, wherever the stream is cut", () => {
  const stream = "a\u001b[1;31mb\r\nc\nd\u001b[44me\n\nf\u001b[0m\ng\u001b[38;5;208mé\nh";
  const bytes = bytesOf(stream);
  for (let at = 0; at <= bytes.length; at++)
    expect(looksWhenCut([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(
      looksInStream(stream),
    );
});

test("a colour goes on in lines that are longer than a row, also one at the row's end", () => {
  for (let before = LONGEST_LINE - 8; before <= LONGEST_LINE + 8; before++) {
    const stream = `${"x".repeat(before)}\u001b[1;31m${"y".repeat(20)}\nz`;
    expect(looksWhenCut([bytesOf(stream)])).toEqual(looksInStream(stream));
  }
});

test("every cut of a coloured stream gives the same colours", () => {
  const alphabet = ["\r\n", "\n", "x", "日", "\u001b[m", "\u001b[1m", "long ".repeat(90)];
  for (let seed = 1; seed <= 30; seed++) {
    const random = seeded(seed);
    let stream = "";
    for (let i = 0; i < 200; i++) {
      const colour = `\u001b[3${random(8)};4${random(8)}m`;
      stream += alphabet[random(alphabet.length + 2)] ?? colour;
    }
    const pieces = cut(bytesOf(stream), random, 1 + random(300));
    expect(looksWhenCut(pieces)).toEqual(looksInStream(stream));
  }
});

test("what is typed keeps its own colours, and a gap ends all", () => {
  const tape = new Tape();
  const log = logOf([
    tape.rx("\u001b[31mred\n"),
    tape.tx("typed\n"),
    tape.note("a mark"),
    tape.rx("still red\n"),
    tape.gap(10),
    tape.rx("plain\n"),
  ]);
  const index = new LineIndex(log);
  index.take();
  const colours = Array.from({ length: index.next }, (_, row) => index.look(row).fg);
  expect(colours).toEqual([null, null, null, 1, null, null]);
});
