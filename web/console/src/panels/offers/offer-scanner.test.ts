import { describe, expect, it } from "vitest";
import { LONGEST, OfferScanner } from "./offer-scanner.ts";

const OFFER = '{"seriald":1,"title":"Arm"}';

function scan(text: string, size = text.length): string[] {
  const found: string[] = [];
  const scanner = new OfferScanner((line) => found.push(line));
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) scanner.take(bytes.subarray(at, at + size));
  return found;
}

describe("a device that describes its panel", () => {
  it.each([1, 2, 3, 7, 1000])("is heard in pieces of %i bytes", (size) => {
    expect(scan(`boot\r\n${OFFER}\r\ntemp: 21\n`, size)).toEqual([OFFER]);
    expect(scan(`boot\r${OFFER}\r`, size)).toEqual([OFFER]);
  });

  it("is heard again and again", () =>
    expect(scan(`\n${OFFER}\n${OFFER}\n`)).toEqual([OFFER, OFFER]));

  it.each([`${OFFER}\n`, `\n ${OFFER}\n`, `\n{"seriald"\n`, `\n${OFFER}`, '\n{"title":"x"}\n'])(
    "is no device that prints %j",
    (text) => expect(scan(text)).toEqual([]),
  );

  it("is not heard over a hole", () => {
    const found: string[] = [];
    const scanner = new OfferScanner((line) => found.push(line));
    scanner.take(new TextEncoder().encode(`\n${OFFER.slice(0, 15)}`));
    scanner.reset();
    scanner.take(new TextEncoder().encode(`${OFFER.slice(20)}\n`));
    expect(found).toEqual([]);
  });
});

it("An endless line costs nothing once it is too long", () => {
  expect(scan(`\n{"seriald":1,"${"x".repeat(LONGEST)}\n${OFFER}\n`, 100)).toEqual([OFFER]);
});
