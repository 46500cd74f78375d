import { describe, expect, it } from "vitest";
import { barredOf } from "./barred.ts";

const open = { name: "arm", state: "open" as const, may: ["see" as const, "type" as const] };

const mayUse = (panel: string, { may }: { may: readonly string[] }) =>
  may.includes("type") || panel === "kiosk";
const here = (status: "online" | "offline") => ({ status, mayUse, hello: null, session: null });
const online = here("online");
const ben = { client: "c9", name: "ben", account: null, since: 0, away: false };

describe("controls", () => {
  it("are free where the port is open and one may type", () =>
    expect(barredOf(online, open, "arm")).toBeNull());
  it("are free for guests of their panel", () => {
    const seen = { ...open, may: ["see" as const] };
    expect(barredOf(online, seen, "kiosk")).toBeNull();
    expect(barredOf(online, seen, "arm")).toMatch(/may watch arm/);
  });
  it.each([
    ["offline" as const, open, /out of reach/],
    ["online" as const, { ...open, may: ["see" as const] }, /may watch arm/],
    ["online" as const, { ...open, turn: { holder: ben, asking: [] } }, /ben has the turn on arm/],
    ["online" as const, { ...open, state: "waiting" as const }, /arm is not open/],
  ])("say why they are barred", (status, port, why) =>
    expect(barredOf(here(status), port, "arm")).toMatch(why),
  );
});
