// A window that moves over a long journal: what it has is what the journal has, and its rows are those of the whole.
import { expect, test } from "vitest";
import { bytesOf, logOf, Shelf, seeded, Tape } from "./fakes.ts";
import { HexIndex } from "./hex.ts";
import { LineIndex } from "./lines.ts";
import { BLOCK, GAP, NOTE, PortLog, RX, TX } from "./log.ts";

type Random = (n: number) => number;

const WORDS = [
  "temp",
  "é",
  "日本",
  "\u{1f50c}",
  "\u001b[31m",
  "\u001b[0m",
  "\u001b[1;4",
  "x".repeat(90),
];

/** A journal of all that is hard: cut characters and commands, colours over lines, long lines, other directions, gaps. */
function shelfOf(random: Random, records: number): Shelf {
  const shelf = new Shelf();
  const tape = new Tape();
  let held = bytesOf("");
  for (let i = 0; i < records; i++) {
    const what = random(100);
    if (what < 3) shelf.records.push(tape.note(`note ${i}`));
    else if (what < 4)
      shelf.records.push(tape.gap(1 + random(5000), random(2) ? "dropped" : "crash"));
    else if (what < 12) {
      if (random(9) === 0) tape.time += 9_000_000;
      shelf.records.push(tape.tx(random(3) ? "ls" : "\r", random(4) ? "anna" : "ben"));
    } else {
      let text = "";
      for (let n = random(9); n > 0; n--) text += WORDS[random(WORDS.length)];
      if (random(40) === 0) text += "long".repeat(random(9000));
      if (random(3)) text += ["\n", "\r\n", "\r"][random(3)];
      const bytes = new Uint8Array([...held, ...bytesOf(text)]);
      const cut = random(bytes.length + 1);
      held = bytes.slice(cut);
      if (cut > 0) shelf.records.push(tape.rx(bytes.slice(0, cut)));
    }
  }
  return shelf;
}

/** What the index says of its rows, up to the first that may still grow. */
function rowsOf(log: PortLog, index: LineIndex): string[] {
  const rows: string[] = [];
  const next = Math.min(index.next, ...index.open);
  for (let number = index.first; number < next; number++) {
    const { kind, offset, end, continues, entry } = index.row(number);
    rows.push(`${kind} ${offset} ${end} ${continues} ${log.entry(entry).author}`);
  }
  return rows;
}

/** How each row's text looks where it begins. */
function looksOf(index: LineIndex): string[] {
  const rows: string[] = [];
  for (let number = index.first; number < Math.min(index.next, ...index.open); number++) {
    const { fg, bold, underline } = index.look(number);
    const isText = index.kind(number) === RX || index.kind(number) === TX;
    rows.push(isText ? `${fg} ${bold} ${underline}` : "");
  }
  return rows;
}

function hexOf(index: HexIndex): string[] {
  const rows: string[] = [];
  for (let number = index.first; number < index.next; number++) {
    const { kind, offset, end } = index.row(number);
    rows.push(`${kind} ${offset} ${end} ${index.find(offset) === number}`);
  }
  return rows;
}

/** Rows of bytes from where the direction turns first: where the stretch before that began is not known. */
function behindTurn(rows: string[]): string[] {
  const turn = rows.findIndex((row, i) => i > 0 && row[0] !== rows[i - 1]?.[0]);
  return turn < 0 ? [] : rows.slice(turn);
}

/** Asserts that a log has all that the whole has between its ends, in order and once. */
function expectPart(log: PortLog, whole: PortLog): void {
  let next = log.oldest;
  for (let at = log.entries.first; at < log.entries.next; at++) {
    const { offset, end, kind, note, why } = log.entry(at);
    if (offset !== next) expect(offset).toBe(next);
    next = end;
    if (kind !== GAP && kind !== NOTE) continue;
    const same = whole.entry(whole.entries.find(offset));
    expect([kind, note, why]).toEqual([same.kind, same.note, same.why]);
  }
  expect(next).toBe(log.head);
  for (const kind of [RX, TX]) {
    const bytes = log.bytes(log.oldest, log.head, kind);
    expect(Buffer.compare(bytes, whole.bytes(log.oldest, log.head, kind))).toBe(0);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

/** Asserts that a list stands in another one as it is. */
function expectWithin(part: string[], all: string[]): void {
  const at = part.length > 0 ? all.indexOf(part[0] as string) : 0;
  const same = all.slice(at, at + part.length);
  if (part.join("\n") !== same.join("\n")) expect(part).toEqual(same);
}

test("whatever comes and goes at both ends, the window is a part of the journal and its rows are those of the whole", async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const random = seeded(seed);
    const shelf = shelfOf(random, 6000);
    const { head } = shelf;
    const whole = logOf(shelf.records);
    const [wholeLines, wholeHex] = [new LineIndex(whole), new HexIndex(whole)];
    wholeLines.take();
    wholeHex.take();
    const [allRows, allHex] = [rowsOf(whole, wholeLines), hexOf(wholeHex)];

    const log = new PortLog(shelf, 3 * BLOCK);
    const [lines, hex] = [LineIndex.of(log), HexIndex.of(log)];
    log.connect(false);
    let place = head;
    for (let step = 0; step < 50; step++) {
      const isFar = random(8) === 0;
      const moved = place + (random(3) - 1) * random(BLOCK);
      place = isFar ? random(head) : Math.max(0, Math.min(head, moved));
      if (isFar) await log.goTo(place);
      const inside = Math.min(Math.max(place, log.oldest), log.head);
      log.look({ from: inside, to: inside });
      if (random(20) === 0) log.toEnd();
      for (let n = random(4); n >= 0; n--) await settled();
      if (random(3)) lines.take(random(2) ? 0 : undefined);
      if (random(3)) hex.take();
      if (random(4)) continue;
      lines.take();
      hex.take();
      // Rows at the ends may be parts: the window begins and ends within them.
      expectWithin(rowsOf(log, lines).slice(200, -2), allRows);
      expectWithin(behindTurn(hexOf(hex)).slice(0, -2), allHex);
      expectPart(log, whole);
    }
  }
}, 60_000);

test("colours go on into what was there before its past came", async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const shelf = shelfOf(seeded(seed), 9000);
    const whole = logOf(shelf.records);
    const all = new LineIndex(whole);
    all.take();
    const log = new PortLog(shelf);
    const lines = LineIndex.of(log);
    log.connect(false);
    for (let turn = 0; turn < 100 && log.oldest > 0; turn++) {
      lines.take(turn % 2 ? 0 : undefined);
      log.look({ from: log.oldest, to: log.oldest });
      await settled();
    }
    lines.take();
    expect(rowsOf(log, lines)).toEqual(rowsOf(whole, all));
    expect(looksOf(lines)).toEqual(looksOf(all));
  }
}, 60_000);

test("a long line that came byte by byte has the same rows from wherever one came to it", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  for (let i = 0; i < 2 * BLOCK; i++) shelf.records.push(tape.rx(i % 50_000 ? "x" : "\n"));
  const all = new LineIndex(logOf(shelf.records));
  all.take();
  const log = new PortLog(shelf);
  const lines = LineIndex.of(log);
  expect(await log.goTo(1.5 * BLOCK + 20_123)).toBe(true);
  lines.take();
  while (log.oldest > BLOCK) {
    log.look({ from: log.oldest, to: log.oldest });
    await settled();
    lines.take();
  }
  for (let row = lines.first + 3; row < lines.next - 1; row++) {
    const { offset, end } = lines.row(row);
    expect(all.row(all.find(offset))).toMatchObject({ offset, end });
  }
}, 30_000);

test("a colour that was set long ago is known when its line comes", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  shelf.records.push(tape.rx("\u001b[31mred from here on\n"));
  for (let i = 0; i < 100_000; i++) shelf.records.push(tape.rx(`line ${i} of many\n`));
  const log = new PortLog(shelf);
  const lines = LineIndex.of(log);
  log.connect(false);
  lines.take();
  expect(lines.look(lines.next - 1).fg).toBeNull();
  while (log.oldest > 0) {
    log.look({ from: log.oldest, to: log.oldest });
    await settled();
    lines.take();
  }
  expect(lines.look(lines.next - 1).fg).toBe(1);
  shelf.add(tape.rx("and on\n"));
  lines.take();
  expect(lines.look(lines.next - 1).fg).toBe(1);
});

test("rows keep their numbers while earlier ones come", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  for (let i = 0; i < 100_000; i++) shelf.records.push(tape.rx(`line ${i}\r\n`));
  const log = new PortLog(shelf);
  const lines = LineIndex.of(log);
  log.connect(false);
  lines.take();
  const known = lines.next - 1000;
  const { offset } = lines.row(known);
  while (log.oldest > 0) {
    log.look({ from: log.oldest, to: log.oldest });
    await settled();
    lines.take();
    expect(lines.row(known).offset).toBe(offset);
  }
  expect(lines.next - lines.first).toBe(100_000);
  expect(lines.row(lines.first).offset).toBe(0);
});

test("whoever scrolls down joins the live data without a hole", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  for (let i = 0; i < 200_000; i++) shelf.records.push(tape.rx(`line ${i}\r\n`));
  const log = new PortLog(shelf);
  log.connect(false);
  expect(await log.goTo(1_000_000)).toBe(true);
  expect(log.isLive).toBe(false);
  expect(log.oldest).toBe(1_000_000 - BLOCK / 2);
  shelf.add(tape.rx("not yet"));
  expect(log.head).toBe(1_000_000 + BLOCK / 2);
  for (let turn = 0; turn < 100 && !log.isLive; turn++) {
    log.look({ from: log.head - 100, to: log.head });
    await settled();
  }
  shelf.add(tape.rx("now"));
  expect(log.head).toBe(shelf.head);
  const text = new TextDecoder().decode(log.bytes(log.oldest, log.head));
  expect(text.endsWith("line 199999\r\nnot yetnow")).toBe(true);
  expectPart(log, logOf(shelf.records));
});

test("rows of bytes stay where they are while more of their stretch comes, and begin where it began", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  shelf.records.push(tape.note("opened"));
  for (let i = 0; i < 100; i++) shelf.records.push(tape.rx(new Uint8Array(30_000)));
  const log = new PortLog(shelf);
  const hex = HexIndex.of(log);
  log.connect(false);
  hex.take();
  const known = hex.find(2_500_000);
  const { offset } = hex.row(known);
  expect(offset % 16).toBe(0);
  expect(hex.row(hex.first).offset).toBe(log.oldest);
  while (log.oldest > BLOCK) {
    log.look({ from: log.oldest, to: log.oldest });
    await settled();
    hex.take();
    expect(hex.row(known).offset).toBe(offset);
  }
  log.look({ from: log.oldest, to: log.oldest });
  await settled();
  hex.take();
  expect(log.oldest).toBe(0);
  expect(hex.row(hex.first + 1)).toEqual({ kind: RX, offset: 40, end: 56 });
  expect(Math.abs(hex.row(known).offset - offset)).toBeLessThan(16);
});

test("a window that is full lets go of what is far from the eye, at either end", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  for (let i = 0; i < 100; i++) shelf.records.push(tape.rx(new Uint8Array(60_000).fill(i)));
  const log = new PortLog(shelf, 2_000_000);
  log.connect(false);
  const here = { from: log.oldest, to: log.oldest + 1000 };
  log.look(here);
  for (let i = 0; i < 60; i++) shelf.add(tape.rx(new Uint8Array(60_000)));
  expect(log.entries.bytes).toBeLessThanOrEqual(2_000_000);
  expect(log.oldest).toBeLessThanOrEqual(here.from);
  expect(log.isLive).toBe(false);
  log.toEnd();
  expect(log.isLive).toBe(true);
  expect(log.head).toBe(shelf.head);
});

test("a gap of any size is one, however it was fetched", async () => {
  const tape = new Tape();
  const shelf = new Shelf();
  shelf.records.push(
    tape.rx("before\n"),
    tape.gap(50 * BLOCK, "crash"),
    tape.rx("x".repeat(2 * BLOCK)),
  );
  const log = new PortLog(shelf);
  const lines = LineIndex.of(log);
  log.connect(false);
  for (let turn = 0; turn < 100 && log.oldest > 0; turn++) {
    log.look({ from: log.oldest, to: log.oldest });
    await settled();
    lines.take();
  }
  expect(log.oldest).toBe(0);
  expect(shelf.reads).toBeLessThan(20);
  expect(log.entry(log.entries.first + 1)).toMatchObject({ offset: 7, end: 7 + 50 * BLOCK });
  expect(lines.row(lines.first + 1)).toMatchObject({ kind: GAP, offset: 7, end: 7 + 50 * BLOCK });
});
