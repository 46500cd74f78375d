// Rights on a port: what somebody may do with it, and in a sentence what they may not.
import type { PortState } from "seriald";

/** Whether somebody may open a port: whoever let go of the device did so for a reason. */
export function mayOpen({ may, state }: Pick<PortState, "may" | "state">): boolean {
  return may.includes(state === "released" ? "control" : "type");
}

/** Why a port is shown with some of its controls off; null where all may be used. */
export function limits({
  name,
  may,
  booked,
}: Pick<PortState, "name" | "may" | "booked">): string | null {
  if (booked && !may.includes("type")) return `${booked.by} has booked ${name}.`;
  if (may.includes("control")) return null;
  if (may.includes("type")) return `You may type on ${name}, not change it.`;
  return `You may watch ${name}, not type.`;
}
