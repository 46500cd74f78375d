// Turn: who may type on a port where one at a time may, as this page sees it.
import type { Hello, PortState, TurnHolder } from "seriald";
import type { Session } from "./session.ts";

/** Who looks at the page. */
export interface Myself {
  hello: Pick<Hello, "client"> | null;
  session: Pick<Session, "name"> | null;
}

/** Whether the turn is this page's, or another one's of the same account. */
export function isMine({ client, account }: TurnHolder, { hello, session }: Myself): boolean {
  return client === hello?.client || (account !== null && account === session?.name);
}

/** The name of somebody else who has the turn; null where this page may type as far as turns go. Who has booked a port
 * needs none. */
export function otherTypist(
  { turn, booked }: Pick<PortState, "turn" | "booked">,
  me: Myself,
): string | null {
  const holder = booked ? null : turn?.holder;
  return holder && !isMine(holder, me) ? holder.name : null;
}
