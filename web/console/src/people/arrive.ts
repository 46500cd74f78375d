// Arrive: what a ready link leads to: the server's token to the console, a share link to its port.
import { Refusal } from "../model/ask.ts";
import { forget, keep, recall } from "../model/kept.ts";
import { preferences } from "../model/preferences.svelte.ts";
import { formatRoute } from "../model/route.ts";
import { askSession } from "../model/session.ts";
import { pageAddress } from "../panels/page-address.ts";
import type { Target } from "./answers.ts";
import { openShare, signIn } from "./api.ts";

/** Kept where somebody wants no account for now. */
const LATER = "seriald.first-account";
/** Kept where somebody came by a share link, and has not signed in since. */
const GUEST = "seriald.guest";

export interface Arrival {
  /** Why the token was not taken. */
  refusal: string | null;
  /** The server knows nobody yet: whoever has its token may make the first account. */
  isFirst: boolean;
}

/** Signs in with a token. */
export async function arrive(token: string): Promise<Arrival> {
  try {
    await signIn({ token });
    const { accounts, via } = await askSession();
    const isFirst = via === "server-token" && !accounts && recall(LATER) === null;
    return { refusal: null, isFirst };
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error), isFirst: false };
  }
}

/** A share link that was not opened. */
export interface Stuck {
  share: string;
  why: string;
  /** Somebody is signed in who may do less than the link gives. */
  isSignedIn: boolean;
}

/** Opens a share link, and brings what it leads to into the address; the answer is why not. */
export async function follow(share: string): Promise<Stuck | null> {
  let target: Target;
  try {
    target = await openShare(share);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { share, why, isSignedIn: error instanceof Refusal && error.status === 409 };
  }
  if (target.page !== null) {
    location.replace(pageAddress(target.page, target.port));
    // The console would be there for a moment.
    return new Promise(() => {});
  }
  // A guest has one port, and nothing to set there.
  if ((await askSession()).via === "share") {
    Object.assign(preferences, { list: false, settings: false });
    keep(GUEST, { link: true });
  }
  history.replaceState(null, "", hashOf(target));
  return null;
}

/** What is told of a link that has ended, to whom it has let in. */
export function toldOfLink(): string | null {
  return recall(GUEST) === null
    ? null
    : "The link that you came by has ended. Ask whoever gave it to you for another.";
}

/** Whoever has signed in needs no link. */
export function forgetLink(): void {
  forget(GUEST);
}

function hashOf({ port, panel, offset, journal, excerpt }: Target): string {
  // One begins to read where it begins.
  const at = offset ?? excerpt?.from ?? null;
  const rest = new URLSearchParams({
    ...(at !== null && { at: String(at) }),
    ...(journal !== null && { j: String(journal) }),
  });
  const board = panel === null ? null : ({ kind: "panel", name: panel } as const);
  return formatRoute({ port, view: null, board, rest });
}

/** Asks no more for a first account in this browser. */
export function putOff(): void {
  keep(LATER, { later: true });
}
