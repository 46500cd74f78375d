import type { TurnHolder } from "seriald";
import { expect, it } from "vitest";
import { otherTypist } from "./turn.ts";

const held = (client: string, account: string | null): TurnHolder => ({
  client,
  account,
  name: "ben",
  since: 0,
  away: false,
});

it.each([
  [null, null],
  [held("c7", null), null],
  [held("c9", null), "ben"],
  [held("c9", "ada"), null],
  [held("c9", "ben"), "ben"],
])("Of %j this page waits for %j", (holder, name) => {
  const me = { hello: { client: "c7" }, session: { name: "ada" } };
  expect(otherTypist({ turn: { holder, asking: [] } }, me)).toBe(name);
});

it("waits for nobody where there are no turns or the port is booked, and for whoever has no account where it has none", () => {
  const me = { hello: null, session: null };
  expect(otherTypist({}, me)).toBeNull();
  const booked = { id: 1, by: "ada", from: 0, until: 1, programs: false };
  const turn = { holder: held("c9", null), asking: [] };
  expect(otherTypist({ turn, booked }, me)).toBeNull();
  expect(otherTypist({ turn }, me)).toBe("ben");
});
