// The server that this page came from: its document, and the names that fill examples.

import { isLoopback } from "./loopback.ts";
import type { OpenApi } from "./openapi.ts";

/** Its address without a slash; the page lies in its `console/`. */
export const SERVER = new URL("..", location.href).href.replace(/\/$/, "");

export interface Loaded {
  document: OpenApi;
  ports: string[];
  panels: string[];
  /** Programs are asked for a token. */
  needsToken: boolean;
}

/** What the page begins with; fails with a sentence for people. */
export async function loaded(): Promise<Loaded> {
  const [document, ports, panels, session] = await Promise.all([
    get<OpenApi>("openapi.json"),
    get<{ name: string }[]>("ports"),
    get<{ name: string }[]>("panels"),
    get<{ accounts: boolean }>("session"),
  ]);
  return {
    document,
    ports: ports.map(({ name }) => name),
    panels: panels.map(({ name }) => name),
    needsToken: session.accounts || !isLoopback(location.hostname),
  };
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${SERVER}/api/v1/${path}`);
  if (response.status === 401)
    throw new Error(
      "This server asks who you are: sign in to the console first, then load this page again.",
    );
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${path}.`);
  return (await response.json()) as T;
}
