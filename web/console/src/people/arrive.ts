// Arrive: what the token of a ready link leads to.
import { keep, recall } from "../model/kept.ts";
import { askSession } from "../model/session.ts";
import { signIn } from "./api.ts";

/** Kept where somebody wants no account for now. */
const LATER = "seriald.first-account";

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

/** Asks no more for a first account in this browser. */
export function putOff(): void {
  keep(LATER, { later: true });
}
