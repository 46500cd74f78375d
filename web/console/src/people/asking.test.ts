import { expect, it } from "vitest";
import { Refusal } from "../model/ask.ts";
import { Asking } from "./asking.svelte.ts";

it("What was done leaves no problem", async () => {
  const asking = new Asking("the link is old");
  let wasBusy = false;
  const done = await asking.run(async () => {
    wasBusy = asking.busy;
  });
  expect([done, wasBusy, asking.busy, asking.problem]).toEqual([true, true, false, null]);
});

it("What was refused is told, and asked again no sooner than the server says", async () => {
  const asking = new Asking();
  const before = Date.now();
  const done = await asking.run(() => Promise.reject(new Refusal("too many tries", 12)));
  expect([done, asking.busy, asking.problem]).toEqual([false, false, "too many tries"]);
  expect(asking.wait(before)).toBeGreaterThanOrEqual(12);
  expect(asking.wait(Date.now() + 12_000)).toBe(0);
});

it("What failed otherwise may be asked again at once", async () => {
  const asking = new Asking();
  expect(await asking.run(() => Promise.reject(new Error("no answer")))).toBe(false);
  expect([asking.problem, asking.wait(Date.now())]).toEqual(["no answer", 0]);
});
