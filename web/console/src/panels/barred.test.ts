import { describe, expect, it } from "vitest";
import { barredOf } from "./barred.ts";

const open = { name: "arm", state: "open" as const };
const console = (status: "online" | "offline", may: boolean) => ({ status, may: () => may });

describe("controls", () => {
  it("are free where the port is open and one may type", () =>
    expect(barredOf(console("online", true), open)).toBeNull());
  it.each([
    [console("offline", true), open, /out of reach/],
    [console("online", false), open, /may watch arm/],
    [console("online", true), { ...open, state: "waiting" as const }, /arm is not open/],
  ])("say why they are barred", (who, port, why) => expect(barredOf(who, port)).toMatch(why));
});
