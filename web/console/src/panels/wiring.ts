// Wiring: what connects the widgets of a panel with the device: the latest values one way, touches the other.
import type { Client, Parser, Port, UseValue } from "seriald";
import type { LatestValues } from "./latest-values.svelte.ts";

export interface Wiring {
  client: Client;
  port: Port;
  /** How values are found. */
  parser: Parser;
  values: LatestValues;
  /** Why nothing can be sent now; null where it can. */
  barred: string | null;
  /** The server's clock, in µs. */
  now(): number;
  /** Shows a line of the port. */
  goTo(offset: number): void;
  /** Uses a widget. */
  use(widget: string, value?: UseValue): Promise<unknown>;
}
