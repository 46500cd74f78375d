import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { arrive, putOff } from "./arrive.ts";

const kept = new Map<string, string>();
let answers: Response[];

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("location", { href: "http://pi.lan/console/" });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
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
