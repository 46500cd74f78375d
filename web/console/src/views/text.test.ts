// Text of device bytes: nothing invisible, nothing lost, colours as sent.
import { expect, test } from "vitest";
import { bytesOf, seeded } from "./fakes.ts";
import { decode, forClipboard, glyphsOf, withoutEscapes } from "./text.ts";

test("UTF-8 is text and any other byte keeps its value", () => {
  expect(decode(bytesOf("grün 日本 \u{1f50c}"))).toBe("grün 日本 \u{1f50c}");
  expect(decode(bytesOf([0x41, 0xff, 0x42]))).toBe("A\udcffB");
  expect(decode(bytesOf([0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5]))).toBe(
    "\udcc0\udc80\udced\udca0\udc80\udcf5",
  );
  expect(decode(bytesOf([0xe6, 0x97]))).toBe("\udce6\udc97");
});

test("decoding loses no byte of any input", () => {
  const random = seeded(3);
  for (let round = 0; round < 200; round++) {
    const bytes = Uint8Array.from({ length: 40 }, () =>
      random(3) ? 0x80 + random(128) : random(128),
    );
    const back: number[] = [];
    for (const character of decode(bytes)) {
      const code = character.codePointAt(0) as number;
      if (code >= 0xdc00 && code <= 0xdcff) back.push(code - 0xdc00);
      else back.push(...bytesOf(character));
    }
    expect(back).toEqual([...bytes]);
  }
});

test("escape sequences are no part of the text that is searched", () => {
  expect(withoutEscapes("\u001b[1;31merror\u001b[0m: \u001b]0;title\u0007x\u001b(B")).toBe(
    "error: x",
  );
  expect(withoutEscapes("cut \u001b[3")).toBe("cut ");
});

test("what would not be seen has a picture", () => {
  const shown = glyphsOf("a\u0000\u007f\udcff\u202e\ufeff\u{1f50c}\tb").map((g) => g.shown);
  expect(shown).toEqual(["a", "NUL", "DEL", "FF", "U+202E", "U+FEFF", "\u{1f50c}\tb"]);
});

test("the clipboard gets the device's text, not its pictures", () => {
  expect(forClipboard("a\u0000\udcff\u{1f50c}")).toBe("a\u0000\ufffd\u{1f50c}");
});
