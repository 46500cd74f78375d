// Marks in drawn rows: at once for text, when found for expressions, never at the price of the page.
import { expect, test, vi } from "vitest";
import { Highlights } from "./highlights.ts";
import { runJob } from "./match-job.ts";
import { Matcher, type Runner } from "./matcher.ts";
import { readQuery } from "./pattern.ts";

class Prompt implements Runner {
  onmessage: Runner["onmessage"] = null;
  onerror: Runner["onerror"] = null;
  jobs = 0;
  terminate() {}
  postMessage(message: unknown) {
    this.jobs++;
    const data = runJob(message as never);
    queueMicrotask(() => this.onmessage?.({ data } as MessageEvent<unknown>));
  }
}

function highlightsOf(query: string) {
  const runner = new Prompt();
  const found = vi.fn();
  const highlights = new Highlights(new Matcher(() => runner), found);
  const pattern = readQuery({ text: query, matchCase: false });
  highlights.pattern = typeof pattern === "string" ? null : pattern;
  return { highlights, found, runner };
}

test("a text is marked at once and asks no worker", () => {
  const { highlights, runner } = highlightsOf("b");
  expect(highlights.in("abAB")).toEqual([1, 2, 3, 4]);
  expect(runner.jobs).toBe(0);
});

test("an expression is marked when the worker has found it, and asked for once", async () => {
  const { highlights, found, runner } = highlightsOf("/[0-9]+/");
  expect(highlights.in("a 12")).toEqual([]);
  expect(highlights.in("b 345")).toEqual([]);
  await vi.waitFor(() => expect(found).toHaveBeenCalled());
  expect(highlights.in("a 12")).toEqual([2, 4]);
  expect(highlights.in("b 345")).toEqual([2, 5]);
  expect(runner.jobs).toBe(1);
});

test("another pattern forgets the places of the one before", async () => {
  const { highlights, found } = highlightsOf("/a/");
  highlights.in("a");
  await vi.waitFor(() => expect(found).toHaveBeenCalled());
  highlights.pattern = null;
  expect(highlights.in("a")).toEqual([]);
});
