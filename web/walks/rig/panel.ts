// Panels that are there before a walk begins.

import { expect } from "vitest";
import type { Server } from "./server.ts";

/** Keeps a panel on a server under a name. */
export async function keepPanel(server: Server, name: string, panel: object): Promise<void> {
  const address = new URL(`api/v1/panels/${name}`, server.url);
  const response = await fetch(address, { method: "PUT", body: JSON.stringify(panel) });
  expect(response.status).toBeLessThan(300);
}
