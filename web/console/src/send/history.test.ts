import { beforeEach, describe, expect, it } from "vitest";
import { SendHistory } from "./history.ts";

describe("the send history", () => {
  let history: SendHistory;
  beforeEach(() => {
    history = new SendHistory();
    history.load(["one", "two", "three"]);
  });

  it("goes from the newest to the oldest and stops there", () => {
    expect([history.older(""), history.older("three"), history.older("two")]).toEqual([
      "three",
      "two",
      "one",
    ]);
    expect(history.older("one")).toBeNull();
    expect(history.newer()).toBe("two");
  });

  it("gives the draft back", () => {
    history.older("half a comm");
    history.older("three");
    expect([history.newer(), history.newer()]).toEqual(["three", "half a comm"]);
    expect(history.newer()).toBeNull();
  });

  it("starts again from the newest after a message was sent", () => {
    history.older("");
    history.older("");
    history.add("four");
    expect(history.older("")).toBe("four");
  });

  it("holds a repeated message once", () => {
    history.add("three");
    history.add("");
    expect([history.older(""), history.older("")]).toEqual(["three", "two"]);
  });

  it("holds no more than the server does", () => {
    for (let n = 0; n < 500; n++) history.add(String(n));
    let steps = 0;
    while (history.older("") !== null) steps++;
    expect(steps).toBe(200);
  });
});
