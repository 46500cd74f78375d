import { describe, expect, it } from "vitest";
import { barredOf } from "./barred.ts";

const open = { name: "arm", state: "open" as const, may: ["see" as const, "type" as const] };

const here = (status: "online" | "offline") => ({ status, hello: null, session: null });
const ben = { client: "c9", name: "ben", account: null, since: 0, away: false };

describe("controls", () => {
  it("are free where the port is open and one may type", () =>
    expect(barredOf(here("online"), open)).toBeNull());
  it.each([
    ["offline" as const, open, /out of reach/],
    ["online" as const, { ...open, may: ["see" as const] }, /may watch arm/],
    ["online" as const, { ...open, turn: { holder: ben, asking: [] } }, /ben has the turn on arm/],
    ["online" as const, { ...open, state: "waiting" as const }, /arm is not open/],
  ])("say why they are barred", (status, port, why) =>
    expect(barredOf(here(status), port)).toMatch(why),
  );
});
