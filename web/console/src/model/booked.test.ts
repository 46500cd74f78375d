import type { Booked, PortState, Viewer } from "seriald";
import { describe, expect, it } from "vitest";
import { asBooked, type Me } from "./booked.ts";

const booked = (by: string, job?: string): Booked => ({
  id: 1,
  by,
  ...(job ? { job } : {}),
  from: 0,
  until: 1,
  programs: false,
});
const may = ["see", "type", "control"];
const port = (fields: Partial<PortState>) =>
  ({ viewers: [], may, ...fields }) as unknown as PortState;
const me = (name: string, account: string | null = null) =>
  ({ hello: { client: "c1", name }, session: { name: account } }) as unknown as Me;

describe("A port that is booked", () => {
  it.each([
    ["by nobody", undefined, me("ada"), may],
    ["by oneself", booked("ada"), me("ada"), may],
    ["by somebody else", booked("ada"), me("ben"), ["see"]],
    ["by one's account", booked("ada"), me("ada (bench)", "ada"), may],
    ["for a job of one's account", booked("ada (nightly)", "nightly"), me("ada", "ada"), ["see"]],
    ["for one's job", booked("ada (nightly)", "nightly"), me("ada (nightly)", "ada"), may],
  ])("%s may be used so far", (_, booking, who, rights) =>
    expect(asBooked(port({ booked: booking }), who).may).toEqual(rights),
  );

  it("goes by the name that one has now", () => {
    const viewers = [{ client: "c1", name: "ada" }] as Viewer[];
    const mine = port({ booked: booked("ada"), viewers });
    expect(asBooked(mine, me("web 7")).may).toEqual(may);
  });
});
