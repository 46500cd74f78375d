// Signing in elsewhere: at a provider of OpenID Connect, and by a reverse proxy; both where a proxy puts the server below a prefix.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Provider } from "./rig/provider.ts";
import { ReverseProxy } from "./rig/reverse-proxy.ts";
import type { Server } from "./rig/server.ts";
import { type Rig, walk } from "./rig/walk.ts";

const RULE = `[[allow]]\nwho = ["@staff"]\nright = "control"\n`;

/** A server with a sensor and this in its configuration, whom a proxy on this machine speaks for. */
async function serve(rig: Rig, login: string, ...args: string[]): Promise<Server> {
  const device = await rig.device("sensor");
  const file = join(rig.folder, "seriald.toml");
  writeFileSync(file, `trusted_proxies = ["127.0.0.1"]\n${login}\n${RULE}`);
  return rig.serve("--config", file, `sensor=${device.path}`, ...args);
}

walk("One signs in at the provider, and is where one wanted to go", async ({ rig }) => {
  const provider = await Provider.start();
  rig.ends(async () => provider.close());
  const oidc = `[login.oidc]\nissuer = "${provider.issuer}"\nclient_id = "seriald"\nbutton = "Sign in at the lab"`;
  const server = await serve(rig, oidc);
  const proxy = await ReverseProxy.start(server.url, "/lab/serial");
  rig.ends(async () => proxy.close());
  const visitor = await rig.visitor();
  visitor.expect(/\b401\b|WebSocket connection to .* failed/);
  const console = await visitor.open(proxy.at("console/#/port/sensor?view=lines"));
  const { page } = console;
  await page.getByRole("link", { name: "Sign in at the lab" }).click();
  await page.getByRole("link", { name: "I am ada" }).click();
  await console.lines.waitFor();
  expect(page.url()).toBe(proxy.at("console/#/port/sensor?view=lines"));
  await console.button("People and access").click();
  const access = page.getByRole("dialog", { name: "People and access" });
  await access.getByText(/^Signed in elsewhere/).waitFor();
  await console.button("New token").click();
  await page.getByLabel("What it is for").fill("Laptop");
  await page.getByText(/^It rests when you were not here/).waitFor();
  expect(await page.getByText("No end", { exact: true }).count()).toBe(0);
  await console.button("Make the token").click();
  const secret = await console.button(/^Copy sd_/).textContent();
  await console.button("Done").click();
  const headers = { authorization: `Bearer ${secret?.trim()}` };
  const typed = fetch(new URL("/api/v1/ports/sensor/write", server.link), {
    ...{ method: "POST", body: "led on\n", headers },
  });
  expect((await typed).status).toBe(200);
  const token = access.getByRole("listitem").filter({ hasText: "Laptop" });
  await token.getByText(/^until .* never used$/).waitFor();
  await access.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in at the lab" }).waitFor();

  // Whoever comes back without having left is told so, and finds the way.
  await page.goto(proxy.at("api/v1/session/oidc/callback?code=x&state=x"));
  visitor.expect(/\b400\b/);
  await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
  await page.getByRole("link", { name: "Go on to the console" }).click();
  await page.getByRole("link", { name: "Sign in at the lab" }).waitFor();
});

walk("Whom the proxy knows is in, below any prefix, on all pages", async ({ rig }) => {
  const www = join(rig.folder, "www");
  mkdirSync(www);
  const script = `import { connect } from "./sdk.js";
    for await (const { text } of connect().port("sensor").lines()) document.title = text;`;
  const page = `<!doctype html><link rel="icon" href="data:"><script type="module">${script}</script>`;
  writeFileSync(join(www, "index.html"), page);
  const login = `[login.proxy]\nuser = "X-User"\ngroups = "X-Groups"\nsign_out = "/sign-out"`;
  const server = await serve(rig, login, "--www", www);
  const known = { "x-user": "ada", "x-groups": "staff" };
  const proxy = await ReverseProxy.start(server.url, "/lab", known);
  rig.ends(async () => proxy.close());
  const visitor = await rig.visitor();
  const console = await visitor.open(proxy.at("console/#/port/sensor"));
  await console.sees(/temp:/);
  const { page: shown } = console;
  await console.button("People and access").click();
  const access = shown.getByRole("dialog", { name: "People and access" });
  await access.getByText("The proxy in front of this server says who you are.").waitFor();
  await expect
    .poll(() => access.getByRole("link", { name: "Sign out" }).getAttribute("href"))
    .toBe("/sign-out");
  await shown.goto(proxy.at("api/"));
  await shown.getByRole("searchbox", { name: "Find a route" }).waitFor();
  await shown.goto(proxy.at(""));
  await expect.poll(() => shown.title()).toMatch(/temp/);

  const stranger = await rig.visitor();
  stranger.expect(/\b401\b|WebSocket connection to .* failed/);
  const asked = await stranger.open(server.page("sensor"));
  await asked.page.getByText(/it has not said who you are/).waitFor();
});
