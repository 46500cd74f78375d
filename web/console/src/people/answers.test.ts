import { expect, it } from "vitest";
import { readPeople, readSecret, readShares, readTarget, readTokens } from "./answers.ts";

it("People and tokens are read as the server tells them", () => {
  const ada = { name: "ada", grants: ["see"], groups: ["staff"], last_seen: 7, has_password: true };
  const person = {
    name: "ada",
    grants: ["see"],
    groups: ["staff"],
    lastSeen: 7,
    hasPassword: true,
  };
  expect(readPeople([ada])).toEqual([person]);
  const nightly = { id: "3f", title: "nightly", user: "ci", grants: null, last_used: null };
  const token = { id: "3f", title: "nightly", user: "ci", grants: null, lastUsed: null };
  expect(readTokens([{ ...nightly, expires: 9 }])).toEqual([
    { ...token, expires: 9, elsewhere: null },
  ]);
  for (const until of [7, null]) {
    expect(readTokens([{ ...nightly, elsewhere: { until } }])[0]?.elsewhere).toEqual({ until });
  }
  expect(readTokens([{ ...nightly, grants: ["see:a*", 7] }])[0]?.grants).toEqual(["see:a*"]);
  expect(readSecret({ secret: "sd_1" })).toBe("sd_1");
});

it("Share links are read as the server tells them, and lead to what is there", () => {
  const target = { port: "arm", may: "use" as const, panel: "kiosk" };
  const nowhere = { page: null, offset: null, journal: null, excerpt: null };
  const told = { id: "3f", title: "Open day", by: "ada", expires: 9, last_used: 7, uses: 2 };
  const { last_used: lastUsed, ...same } = told;
  expect(readShares([{ ...told, ...target }])).toEqual([
    { ...same, ...target, ...nowhere, lastUsed, elsewhere: null },
  ]);
  expect(readTarget({ port: "arm", may: "all", offset: 3, journal: 4 })).toEqual({
    ...{ port: "arm", may: "see", panel: null, page: null, offset: 3, journal: 4, excerpt: null },
  });
});

it.each([null, "no", { users: [] }])("Nobody is read out of %j", (told) => {
  expect([readPeople(told), readTokens(told), readSecret(told)]).toEqual([[], [], ""]);
});

it("What is missing of a person allows nothing", () => {
  const { grants, hasPassword, lastSeen } = readPeople([{ name: "ada", grants: "all" }])[0] ?? {};
  expect([grants, hasPassword, lastSeen]).toEqual([[], false, null]);
});
