import { expect, it } from "vitest";
import { Listing } from "./listing.svelte.ts";

it("A change is followed by what there is then", async () => {
  const kept = ["ada", "ben"];
  const listing = new Listing(async () => [...kept]);
  expect(listing.entries).toBeNull();
  await listing.refresh();
  const done = await listing.change(async () => void kept.pop());
  expect([done, listing.entries, listing.problem]).toEqual([true, ["ada"], null]);
});

it("What was refused leaves the list as it is, and says why", async () => {
  const listing = new Listing(async () => ["ada"]);
  await listing.refresh();
  const done = await listing.change(() => Promise.reject(new Error("the last administrator")));
  expect([done, listing.entries]).toEqual([false, ["ada"]]);
  expect(listing.problem).toBe("the last administrator");
  await listing.refresh();
  expect(listing.problem).toBeNull();
});
