import { describe, expect, it } from "vitest";
import type { Match, SearchAnswer } from "./answers.ts";
import type { Parameters } from "./api.ts";
import { Search } from "./search.svelte.ts";

const settle = () => new Promise((done) => setTimeout(done));
const match = (offset: number) =>
  ({ type: "match", port: "a", time: 1, offset }) as unknown as Match;
const end = (more: string | null): SearchAnswer => ({ type: "end", matches: 1, more });

/** A server that answers as a test says. */
function served(...answers: (SearchAnswer[] | Error)[]) {
  const asked: Parameters[] = [];
  const stopped: number[] = [];
  const search = new Search(async function* (question, signal) {
    const number = asked.push(question);
    signal.addEventListener("abort", () => stopped.push(number));
    const answer = answers.shift() ?? [];
    if (answer instanceof Error) throw answer;
    for (const each of answer) {
      await settle();
      yield each;
    }
  });
  search.form.text = "panic";
  return { search, asked, stopped };
}

const finished = async (search: Search) => {
  while (search.searching) await settle();
};

describe("a search through recordings", () => {
  it("shows what is found as it comes, and how far it is", async () => {
    const { search } = served([
      match(1),
      { type: "progress", searched: 50, of: 200 },
      match(2),
      end(null),
    ]);
    search.run("a", 0);
    expect([search.searching, search.done]).toEqual([true, false]);
    while (search.hits.length < 1) await settle();
    expect(search.searching).toBe(true);
    await finished(search);
    expect(search.hits.map(({ offset }) => offset)).toEqual([1, 2]);
    expect([search.progress, search.done, search.hasMore]).toEqual([0.25, true, false]);
  });

  it("goes on where it ended, with the same words", async () => {
    const { search, asked } = served([match(9), end("a:9")], [match(3), end(null)]);
    search.form.period = "1h";
    search.run("a", 7_200e6);
    await finished(search);
    expect(search.hasMore).toBe(true);
    search.form.text = "something else meanwhile";
    search.goOn();
    await finished(search);
    expect(search.hits.map(({ offset }) => offset)).toEqual([9, 3]);
    expect(asked[1]).toEqual({ ...asked[0], more: "a:9" });
    expect(search.hasMore).toBe(false);
  });

  it("forgets an earlier one, and stops it", async () => {
    const { search, stopped } = served([match(1), match(2), end(null)], [match(7), end(null)]);
    search.run("a", 0);
    await settle();
    search.run("a", 0);
    await finished(search);
    await settle();
    expect(search.hits.map(({ offset }) => offset)).toEqual([7]);
    expect(stopped).toEqual([1]);
  });

  it("says what is wrong with it, and looks for nothing without a text", async () => {
    const { search, asked } = served(new Error("unclosed group"));
    search.run("a", 0);
    await finished(search);
    expect([search.error, search.done]).toEqual(["unclosed group", false]);
    search.form.text = "";
    search.run("a", 0);
    expect([search.error, search.searching, asked.length]).toEqual([null, false, 1]);
  });

  it("never takes an answer that broke off for the whole", async () => {
    const { search } = served([match(1)]);
    search.run("a", 0);
    await finished(search);
    expect([search.hits.length, search.done]).toEqual([1, false]);
    expect(search.error).toMatch(/broke off/);
  });
});
