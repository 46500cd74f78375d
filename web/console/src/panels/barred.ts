// Why a panel's controls are barred, for the person in front of them.
import type { PortState } from "seriald";
import type { Console } from "../model/console.svelte.ts";
import { otherTypist } from "../model/turn.ts";

/** Why nothing can be sent to a port by a panel now; null where it can. */
export function barredOf(
  console: Pick<Console, "status" | "mayUse" | "hello" | "session">,
  port: Pick<PortState, "name" | "state" | "may" | "turn">,
  panel: string,
): string | null {
  if (console.status !== "online") return "The server is out of reach: nothing can be sent now.";
  if (!console.mayUse(panel, port))
    return `You may watch ${port.name}, not type: its controls are off.`;
  const other = otherTypist(port, console);
  if (other !== null) return `${other} has the turn on ${port.name}: its controls are off.`;
  if (port.state !== "open") return `${port.name} is not open: nothing can be sent now.`;
  return null;
}
