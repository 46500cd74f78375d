import { expect, it, vi } from "vitest";
import { hearPages, readSession, tellPages } from "./session.ts";

it("A session is read as the server tells it", () => {
  const told = { signed_in: true, accounts: true, name: "ada", via: "session", administers: true };
  const logins = [
    { kind: "oidc", button: "Sign in at the lab" },
    { kind: "proxy", sign_out: "/out" },
    7,
  ];
  expect(
    readSession({ ...told, logins, grants: ["control", "type:rack*"], expires: 1_700 }),
  ).toEqual({
    signedIn: true,
    accounts: true,
    logins: [
      { kind: "oidc", button: "Sign in at the lab", signOut: "" },
      { kind: "proxy", button: "", signOut: "/out" },
    ],
    name: "ada",
    via: "session",
    administers: true,
    grants: ["control", "type:rack*"],
    expires: 1_700,
    panel: null,
    excerpt: null,
  });
});

it("A guest may use the panel that the link leads to", () => {
  const guest = readSession({ via: "share", leads: { port: "arm", may: "use", panel: "kiosk" } });
  expect([guest.via, guest.panel]).toEqual(["share", "kiosk"]);
  const excerpt = { from: 5, to: 9, since: 1_000, until: 2_000 };
  expect(readSession({ via: "share", leads: { port: "arm", excerpt } }).excerpt).toEqual(excerpt);
});

it.each([null, [], "no", { signed_in: "yes", administers: 1, via: "door", grants: [7], name: 7 }])(
  "Nobody is let in, and nothing allowed, by %j",
  (told) => {
    const { signedIn, administers, via, grants, name } = readSession(told);
    expect([signedIn, administers, via, grants, name]).toEqual([false, false, null, [], null]);
  },
);

it("Pages hear of a sign-in on another one until they listen no more", async () => {
  const heard = vi.fn();
  const stop = hearPages(heard);
  tellPages();
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
  stop();
});
