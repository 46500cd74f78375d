// The server's addresses for people: signing in, accounts and tokens.
import { ask, askWith } from "../model/ask.ts";
import { tellPages } from "../model/session.ts";
import {
  type Person,
  readPath,
  readPeople,
  readSecret,
  readShares,
  readTarget,
  readTokens,
  type Share,
  type Target,
  type Token,
} from "./answers.ts";

/** What lets somebody in. */
export type Credentials = { token: string } | { name: string; password: string };

/** Signs this browser in, all of its pages. */
export async function signIn(credentials: Credentials): Promise<void> {
  await askWith("POST", "session", credentials);
  tellPages();
}

/** Opens a share link; the answer is where it leads. Whoever is signed in stays so. */
export async function openShare(share: string): Promise<Target> {
  const answer = await askWith("POST", "session", { share });
  tellPages();
  return readTarget(await answer.json());
}

/** Signs this browser out; what it has open on the server ends. */
export async function signOut(): Promise<void> {
  await ask("session", { method: "DELETE" });
}

/** Changes one's own password; one's other browsers are signed out. */
export async function changePassword(old: string, fresh: string): Promise<void> {
  await askWith("POST", "session/password", { old, new: fresh });
}

/** Everybody who has an account. */
export async function people(): Promise<Person[]> {
  return readPeople(await json("users"));
}

/** What is said of a person. */
export type PersonChange = Partial<Pick<Person, "grants" | "groups">> & { password?: string };

export async function addPerson(name: string, person: PersonChange): Promise<void> {
  await askWith("POST", "users", { name, ...person });
}

/** Changes a person; what is absent stays. */
export async function changePerson(name: string, change: PersonChange): Promise<void> {
  await askWith("PATCH", `users/${encodeURIComponent(name)}`, change);
}

export async function removePerson(name: string): Promise<void> {
  await ask(`users/${encodeURIComponent(name)}`, { method: "DELETE" });
}

/** One's own tokens; for who administers the server, all. */
export async function tokens(): Promise<Token[]> {
  return readTokens(await json("tokens"));
}

/** What a token is to be; `expires` in microseconds since the epoch. */
export type NewToken = Pick<Token, "title" | "user" | "grants" | "expires">;

/** Makes a token; the answer is its secret, which nobody is told again. */
export async function makeToken(token: NewToken): Promise<string> {
  return readSecret(await (await askWith("POST", "tokens", token)).json());
}

export async function revokeToken(id: string): Promise<void> {
  await ask(`tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The share links that one has made; for who administers the server, all. */
export async function shares(): Promise<Share[]> {
  return readShares(await json("shares"));
}

/** What a share link is to be; `expires` in microseconds since the epoch. */
export type NewShare = Partial<Omit<Target, "excerpt">> &
  Pick<Share, "title" | "expires"> & { port: string; from?: number; to?: number };

/** Makes a share link; the answer is its path below the server, which nobody is told again. */
export async function makeShare(share: NewShare): Promise<string> {
  return readPath(await (await askWith("POST", "shares", share)).json());
}

export async function revokeShare(id: string): Promise<void> {
  await ask(`shares/${encodeURIComponent(id)}`, { method: "DELETE" });
}

async function json(path: string): Promise<unknown> {
  return (await ask(path)).json();
}
