// The people of a walk: an administrator who makes accounts over HTTP, and how a person signs in.

import { expect } from "vitest";
import type { ConsolePage } from "./console-page.ts";
import type { Server } from "./server.ts";

/** A password for everybody. */
export const PASSWORD = "correct horse battery";

export class Administrator {
  readonly #server: Server;
  #cookie = "";

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Makes the first account, `root`, as whoever is at the machine may. */
  static async of(server: Server): Promise<Administrator> {
    const root = new Administrator(server);
    await root.add("root", "administer");
    const credentials = { name: "root", password: PASSWORD };
    const response = await root.#ask("POST", "session", credentials);
    root.#cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    return root;
  }

  /** Makes an account. */
  async add(name: string, ...grants: string[]): Promise<void> {
    await this.#ask("POST", "users", { name, password: PASSWORD, grants, groups: [] });
  }

  /** Gives an account other rights. */
  async allow(name: string, ...grants: string[]): Promise<void> {
    await this.#ask("PATCH", `users/${name}`, { grants });
  }

  async remove(name: string): Promise<void> {
    await this.#ask("DELETE", `users/${name}`);
  }

  async #ask(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(new URL(`/api/v1/${path}`, this.#server.link), {
      method,
      headers: { "content-type": "application/json", cookie: this.#cookie },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
    return response;
  }
}

/** Writes a name and a password into the form, and sends it. */
export async function signIn(
  { page }: ConsolePage,
  name: string,
  password = PASSWORD,
): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password", { exact: true }).press("Enter");
}
