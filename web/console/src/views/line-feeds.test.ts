// Telling devices that end lines with LF alone from those that return the carriage.
import { expect, test } from "vitest";
import { bytesOf } from "./fakes.ts";
import { LineFeedGuess } from "./line-feeds.ts";

function guess(...pieces: string[]): boolean {
  const feeds = new LineFeedGuess();
  for (const piece of pieces) feeds.take(bytesOf(piece));
  return feeds.isAlone;
}

test("lines with LF alone need a carriage return, those with CRLF do not", () => {
  expect(guess("one\ntwo\n")).toBe(true);
  expect(guess("one\r\ntwo\r\n")).toBe(false);
  expect(guess("one\r", "\n")).toBe(false);
  expect(guess("no line yet")).toBe(false);
});

test("a stray LF among many CRLF changes nothing, nor does what comes late", () => {
  expect(guess("a\r\n".repeat(10), "\n")).toBe(false);
  expect(guess("a\r\n".repeat(100), "\n".repeat(1000))).toBe(false);
});
