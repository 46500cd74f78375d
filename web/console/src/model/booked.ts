// Booked: ports that are somebody's for a while, as this page may use them.
import type { Booked, PortState, Right } from "seriald";
import type { Console } from "./console.svelte.ts";

/** What tells who looks at this page. */
export type Me = Pick<Console, "hello" | "session">;

/** Whether a booking of a port is this page's: its name tells, or its account where it is for no job. */
export function isMine(
  { by, job }: Booked,
  { viewers }: PortState,
  { hello, session }: Me,
): boolean {
  const me = viewers.find(({ client }) => client === hello?.client) ?? hello;
  return by === me?.name || (!job && by === session?.name);
}

const STAY: Right[] = ["see", "administer"];

/** A port as this page may use it: what somebody else has booked is only to be looked at, and how others reach it to be
 * changed. */
export function asBooked(port: PortState, me: Me): PortState {
  if (!port.booked || isMine(port.booked, port, me)) return port;
  return { ...port, may: port.may.filter((right) => STAY.includes(right)) };
}
