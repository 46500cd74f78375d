import { describe, expect, it } from "vitest";
import { fits, formatGrant, grantWords, isPattern, parseGrant, portsWords } from "./grant.ts";

describe("a grant", () => {
  it.each(["see", "type:rack1-*", "administer:u?o"])("comes back as it was written: %s", (text) => {
    const grant = parseGrant(text);
    expect(grant && formatGrant(grant)).toBe(text);
  });

  it("on all ports needs no pattern", () => {
    expect(parseGrant("see:*")).toEqual({ right: "see", ports: "*" });
    expect(formatGrant({ right: "see", ports: "*" })).toBe("see");
  });

  it.each(["", "read", "see:", "see:a b", "See", "see:a:b", ":uno", "toString"])(
    "is not %j",
    (text) => expect(parseGrant(text)).toBeNull(),
  );

  it("is told in words, and one that is unknown as it is", () => {
    expect(grantWords("administer")).toBe("Administer everything");
    expect(grantWords("type:rack1-*")).toBe("Type on rack1-*");
    expect(grantWords("paint:rack")).toBe("paint:rack");
  });
});

describe("a pattern", () => {
  it.each([
    ["sensor", "sensor", true],
    ["sensor", "sensor2", false],
    ["sensor*", "sensor", true],
    ["*", "x", true],
    ["tty?CM*", "ttyACM10", true],
    ["*a*b*", "xxaxxbxx", true],
    ["*ab", "aab", true],
    ["*ab", "abx", false],
    ["?", "", false],
    ["a.c", "abc", false],
  ])("%s is for %s: %s", (pattern, name, does) => expect(fits(pattern, name)).toBe(does));

  it("takes no time for names that almost fit", () => {
    expect(fits("*a".repeat(60), "a".repeat(59))).toBe(false);
  });

  it("has the letters of names, and stars and question marks", () => {
    expect(["rack1-*", "a.b_c?"].every(isPattern)).toBe(true);
    expect(["", "a b", "ä", "a/b", "x".repeat(129)].some(isPattern)).toBe(false);
  });

  it.each([
    ["*", ["a"], /^On all ports/],
    ["b*", ["a"], /^No port/],
    ["a*", ["ab", "b"], /^On ab now\.$/],
    ["a*", ["a1", "a2", "a3"], /^On a1, a2 and a3 now\.$/],
    ["a*", ["a1", "a2", "a3", "a4"], /^On a1, a2 and 2 more now\.$/],
    ["a b", ["a b"], /^Letters/],
  ])("%s among %j is told as %s", (pattern, names, words) =>
    expect(portsWords(pattern, names)).toMatch(words),
  );
});
