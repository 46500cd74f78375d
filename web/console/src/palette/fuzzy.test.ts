import { describe, expect, it } from "vitest";
import { filterByLetters, score } from "./fuzzy.ts";

const ACTIONS = [
  "Show terminal",
  "Show lines",
  "Show hex",
  "Release the port",
  "Save all as text",
  "Send BREAK",
];
const find = (query: string) => filterByLetters(ACTIONS, query, (text) => text);

describe("the palette's filter", () => {
  it("shows everything for an empty query, in order", () => expect(find("  ")).toEqual(ACTIONS));
  it("finds by initials", () => expect(find("sh")[0]).toBe("Show hex"));
  it("finds by a word in the middle", () => expect(find("hex")).toEqual(["Show hex"]));
  it("finds letters that stand apart", () => expect(find("rlsprt")).toEqual(["Release the port"]));
  it("prefers a whole word to scattered letters", () =>
    expect(find("text")[0]).toBe("Save all as text"));
  it("minds neither case nor spaces", () => expect(find("send br")[0]).toBe("Send BREAK"));
  it("finds nothing for letters in the wrong order", () =>
    expect(score("xeh", "Show hex")).toBeNull());
});
