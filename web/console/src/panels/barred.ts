// Why a panel's controls are barred, for the person in front of them.
import type { PortState } from "seriald";
import type { Console } from "../model/console.svelte.ts";

/** Why nothing can be sent to a port now; null where it can. */
export function barredOf(
  console: Pick<Console, "status">,
  port: Pick<PortState, "name" | "state" | "may" | "booked">,
): string | null {
  if (console.status !== "online") return "The server is out of reach: nothing can be sent now.";
  const barred = !port.may.includes("type");
  if (barred && port.booked)
    return `${port.booked.by} has booked ${port.name}: its controls are off.`;
  if (barred) return `You may watch ${port.name}, not type: its controls are off.`;
  if (port.state !== "open") return `${port.name} is not open: nothing can be sent now.`;
  return null;
}
