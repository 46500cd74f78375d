import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { arrive, follow, forgetLink, putOff, toldOfLink } from "./arrive.ts";

const kept = new Map<string, string>();
let answers: Response[];
let shown: string;

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("location", { href: "http://pi.lan/console/" });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal("history", { replaceState: (_: null, __: string, hash: string) => (shown = hash) });
  shown = "";
  vi.stubGlobal("fetch", async () => answers.shift());
});
afterEach(() => vi.unstubAllGlobals());

const taken = () => new Response(null, { status: 204 });
const session = (accounts: boolean) =>
  Response.json({ signed_in: true, accounts, via: accounts ? "token" : "server-token" });

it("The token of a new server leads to a first account, until that is put off", async () => {
  answers = [taken(), session(false)];
  expect(await arrive("t")).toEqual({ isFirst: true, refusal: null });
  putOff();
  answers = [taken(), session(false)];
  expect(await arrive("t")).toEqual({ isFirst: false, refusal: null });
});

it("A token where there are accounts leads into the console", async () => {
  answers = [taken(), session(true)];
  expect(await arrive("t")).toEqual({ isFirst: false, refusal: null });
});

it("What the server says against a token is told", async () => {
  answers = [Response.json({ detail: "not this server's token" }, { status: 401 })];
  expect(await arrive("t")).toEqual({ isFirst: false, refusal: "not this server's token" });
});

const guest = () => Response.json({ signed_in: true, via: "share" });

it.each([
  [{ port: "arm", may: "see" }, "#/port/arm"],
  [{ port: "arm", may: "use", panel: "kiosk" }, "#/port/arm?view=panel%3Akiosk"],
  [{ port: "arm", may: "see", offset: 7, journal: 4 }, "#/port/arm?at=7&j=4"],
  [{ port: "arm", may: "see", excerpt: { from: 5, to: 9, since: 1, until: 2 } }, "#/port/arm?at=5"],
])("A share link to %j leads to %s", async (target, hash) => {
  answers = [Response.json(target), guest()];
  expect(await follow("sh_1")).toBeNull();
  expect(shown).toBe(hash);
  expect(toldOfLink()).toMatch(/has ended/);
  forgetLink();
  expect(toldOfLink()).toBeNull();
});

it.each([
  [401, false],
  [409, true],
])("Why a share link is not opened is told: %i", async (status, isSignedIn) => {
  answers = [Response.json({ detail: "it has ended" }, { status })];
  expect(await follow("sh_1")).toEqual({ share: "sh_1", why: "it has ended", isSignedIn });
});
