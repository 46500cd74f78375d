import type { Viewer } from "seriald";
import { describe, expect, it } from "vitest";
import { placesOf, watchersOf } from "./watchers.ts";

const viewer = (client: string, name: string, from = "10.0.0.1", door = "web"): Viewer => ({
  client,
  name,
  from,
  door,
});

describe("who watches", () => {
  it("is told once each, however many pages they have open", () => {
    const all = [viewer("c1", "ada"), viewer("c2", "ben"), viewer("c3", "ada")];
    const told = watchersOf(all).map(({ name, viewers }) => [
      name,
      viewers.map((each) => each.client),
    ]);
    expect(told).toEqual([
      ["ada", ["c1", "c3"]],
      ["ben", ["c2"]],
    ]);
  });

  it("is somewhere, each place told once", () => {
    const all = [viewer("c1", "ada"), viewer("c2", "ada"), viewer("c3", "ada", "10.0.0.2", "tcp")];
    expect(placesOf(all)).toBe("10.0.0.1, 10.0.0.2 by tcp");
  });
});
