// Session: who looks at this page, as the server tells it: how they came in, and what they may do.
import { ask } from "./ask.ts";
import { type Excerpt, readExcerpt } from "./excerpt.ts";
import { fieldsOf, listOf, number, text, texts } from "./fields.ts";

/** How somebody came in: at the server's own machine, by the token it printed, by a password, by a token of their own,
 * by a share link, by a proxy that knows them, by a provider of OpenID Connect. */
export type Way = "home" | "server-token" | "session" | "token" | "share" | "proxy" | "provider";

/** A way to sign in. */
export interface Login {
  /** `password`, `oidc`, `proxy`. */
  kind: string;
  /** What stands on its button. */
  button: string;
  /** Where one signs out; empty where nobody says. */
  signOut: string;
}

export interface Session {
  /** Somebody was let in. */
  signedIn: boolean;
  /** The server knows people, and asks each for a name. */
  accounts: boolean;
  /** The ways to sign in, where there are others than a name and a password. */
  logins: Login[];
  /** The name of the account. */
  name: string | null;
  via: Way | null;
  /** The server itself may be changed: its people, its panels. */
  administers: boolean;
  /** What may be done, as `RIGHT` or `RIGHT:PATTERN`. */
  grants: string[];
  /** In microseconds since the epoch; null: it does not end by itself. */
  expires: number | null;
  /** The one panel that a guest by a share link may use, and nothing else. */
  panel: string | null;
  /** The one stretch of the port that a guest by a share link sees, and nothing else. */
  excerpt: Excerpt | null;
}

const WAYS: readonly unknown[] = [
  "home",
  "server-token",
  "session",
  "token",
  "share",
  "proxy",
  "provider",
];

/** Reads a session. */
export function readSession(value: unknown): Session {
  const fields = fieldsOf(value);
  return {
    signedIn: fields.signed_in === true,
    accounts: fields.accounts === true,
    logins: listOf(fields.logins).map(({ kind, button, sign_out }) => ({
      kind: text(kind),
      button: text(button),
      signOut: text(sign_out),
    })),
    name: text(fields.name) || null,
    via: WAYS.includes(fields.via) ? (fields.via as Way) : null,
    administers: fields.administers === true,
    grants: texts(fields.grants),
    expires: number(fields.expires),
    panel: text(fieldsOf(fields.leads).panel) || null,
    excerpt: readExcerpt(fieldsOf(fields.leads).excerpt),
  };
}

/** Asks the server who we are to it. */
export async function askSession(): Promise<Session> {
  return readSession(await (await ask("session", { cache: "no-store" })).json());
}

/** What the pages of one browser tell each other by: they share the cookie. */
const CHANNEL = "seriald.session";

/** Tells the other pages of this browser that somebody has signed in. */
export function tellPages(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("signed in");
  channel.close();
}

/** Listens for somebody who has signed in on another page; the answer stops listening. */
export function hearPages(signedIn: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", signedIn);
  return () => channel.close();
}
