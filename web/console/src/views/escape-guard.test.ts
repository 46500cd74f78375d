// What gets through to the terminal, in whatever pieces it comes.
import { expect, test } from "vitest";
import { EscapeGuard, type Hearing } from "./escape-guard.ts";
import { bytesOf, cut, seeded } from "./fakes.ts";

const LIVE: Hearing = { answers: true };
const HISTORY: Hearing = { answers: false };

function joined(pieces: Uint8Array[]): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return decoder.decode(Buffer.concat(pieces));
}

function guarded(data: string | number[] | Uint8Array, hearing = LIVE): string {
  return joined(new EscapeGuard().filter(bytesOf(data), hearing));
}

test("text, colours and cursor movements pass unchanged", () => {
  const screen =
    "a\r\n\t\b\u001b[1;38;5;208mgrün 日本\u001b[0m\u001b[2J\u001b[10;20H\u001b(B\u001b7\u001b8\u001bM";
  expect(guarded(screen)).toBe(screen);
  expect(guarded("\u001b[?1049h\u001b[?2004h\u001b[38:2::1:2:3m\u001b[2 q\u001b[!p")).toBe(
    "\u001b[?1049h\u001b[?2004h\u001b[38:2::1:2:3m\u001b[2 q\u001b[!p",
  );
});

test("no parameter is larger than what the terminal can do", () => {
  expect(guarded("\u001b[999999999H")).toBe("\u001b[9999H");
  expect(guarded("\u001b[999999999;3H")).toBe("\u001b[9999;3H");
  for (const final of "LMST") expect(guarded(`\u001b[999999999${final}`)).toBe(`\u001b[24${final}`);
  for (const final of "bIZ@PX")
    expect(guarded(`\u001b[999999999${final}`)).toBe(`\u001b[80${final}`);
  expect(guarded("\u001b[9999999'}")).toBe("\u001b[80'}");
});

test("bytes that a terminal drops cannot join what was judged apart", () => {
  for (const dropped of [[0xff], [0xef, 0xbb, 0xbf], [0xc0], [0xed, 0xa0, 0x80]]) {
    const bytes = [0x1b, 0x5b, 0x39, ...dropped, ...bytesOf("99999999L")];
    const shown = guarded(bytes);
    expect(shown).not.toContain("\u001b");
    expect(shown).toContain("99999999L");
  }
});

test("much work is handed over in pieces", () => {
  const pieces = new EscapeGuard().filter(bytesOf("\u001b[9999L".repeat(2000)), LIVE);
  expect(pieces.length).toBeGreaterThan(20);
});

test("title, clipboard, window and notification commands never pass", () => {
  const commands = [
    "\u001b]0;title\u0007",
    "\u001b]2;title\u001b\\",
    "\u001b]52;c;aGVsbG8=\u0007",
    "\u001b]52;c;?\u0007",
    "\u001b]777;notify;a;b\u0007",
    "\u001b]1337;File=x\u0007",
    "\u001b[8;500;500t",
    "\u001b[22;0t",
    "\u001b[?1004h",
    "\u001bPq#0;2;0;0;0\u001b\\",
    "\u001b_Gf=100;AAAA\u001b\\",
    "\u001bX secret \u001b\\",
    "\u0005",
    "\u001bZ",
  ];
  for (const command of commands) expect(guarded(`a${command}b`)).toBe("ab");
  expect(guarded("\u001b[?1004;2004h")).toBe("\u001b[?2004h");
});

test("C1 controls are understood as the escapes they stand for", () => {
  expect(guarded("\u009b999999999L")).toBe("\u001b[24L");
  expect(guarded("a\u009d0;title\u009cb")).toBe("ab");
  expect(guarded("a\u009d0;title\u0007b")).toBe("ab");
  expect(guarded("\u0085")).toBe("\u001bE");
});

test("links go to the web or nowhere", () => {
  const link = "\u001b]8;;https://example.org/a?b;c\u001b\\text\u001b]8;;\u001b\\";
  expect(guarded(link)).toBe(link);
  for (const address of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//x"])
    expect(guarded(`\u001b]8;;${address}\u0007x`)).toBe("x");
});

test("queries pass only where they are to be answered", () => {
  const queries = [
    "\u001b[c",
    "\u001b[0c",
    "\u001b[>c",
    "\u001b[=c",
    "\u001b[5n",
    "\u001b[6n",
    "\u001b[?6n",
    "\u001b[?2026$p",
    "\u001b[4$p",
    "\u001b[>q",
    "\u001b[?u",
    "\u001b[x",
    "\u001b]4;1;?\u0007",
    "\u001b]10;?\u0007",
    "\u001b]11;?\u001b\\",
    "\u001b]12;?\u0007",
    "\u001bP$qm\u001b\\",
  ];
  for (const query of queries) {
    expect(guarded(`a${query}b`, HISTORY)).toBe("ab");
    expect(guarded(query, LIVE)).toBe(query);
  }
});

test("noise does not swallow what comes behind it", () => {
  expect(guarded("\u001b]never ended\nnext line")).toBe("\nnext line");
  const long = guarded(`\u001bP${"x".repeat(5000)}then text`);
  expect(long).toContain("then text");
  expect(guarded("\u001b[3\u0018text")).toBe("text");
  expect(guarded("\u001b[3\u001b[31mtext")).toBe("\u001b[31mtext");
});

test("every byte that is not UTF-8 is seen, and what comes out always is UTF-8", () => {
  expect(guarded([0x41, 0xff, 0xe6, 0x97, 0x42])).toBe("A\ufffd\ufffd\ufffdB");
  const random = seeded(11);
  for (let round = 0; round < 300; round++) {
    const bytes = Uint8Array.from({ length: 200 }, () => random(256));
    expect(() => guarded(bytes)).not.toThrow();
  }
});

test("every cut gives the same output", () => {
  const alphabet = [
    "text ",
    "日é\u{1f50c}",
    "\u001b[31m",
    "\u001b[999999999L",
    "\u001b]0;t\u0007",
    "\u001b]8;;https://a.b/\u001b\\",
    "\u001b[6n",
    "\u009b5n",
    "\u001bP$qm\u001b\\",
    "\u001b",
    "[",
    "\u001b]",
    "\r\n",
    "\u001b_x\u001b\\",
  ];
  for (let seed = 1; seed <= 80; seed++) {
    const random = seeded(seed);
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 120; i++) {
      if (random(9) === 0) parts.push(Uint8Array.from([random(256)]));
      else parts.push(bytesOf(alphabet[random(alphabet.length)] as string));
    }
    const stream = Buffer.concat(parts);
    const hearing = seed % 2 ? LIVE : HISTORY;
    const guard = new EscapeGuard();
    const pieces = cut(stream, random, 1 + random(6)).flatMap((p) => guard.filter(p, hearing));
    expect(joined(pieces)).toBe(guarded(stream, hearing));
  }
});
