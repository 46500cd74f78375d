// The page about the REST interface: what a person reads there works.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("A route is found, read, copied into a shell and tried", async ({ rig }) => {
  const server = await rig.demo();
  const anna = await rig.visitor();
  const { page } = await anna.open(new URL("/api/", server.url).href);
  await page.getByRole("searchbox", { name: "Find a route" }).fill("changes a port: its settings");
  await expect.poll(() => page.locator("main details[id]").count()).toBe(1);
  await page.getByText("Changes a port").click();

  const card = page.locator("#changePort");
  await card.getByLabel("name").first().fill("arm");
  await card.getByRole("button", { name: "Copy" }).click();
  await card.getByRole("button", { name: "Copied" }).waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  expect(line).toMatch(/^curl -s -X PATCH --json .*\/api\/v1\/ports\/arm$/);
  const { stdout } = await promisify(execFile)("bash", ["-c", line]);
  expect(JSON.parse(stdout)).toMatchObject({ name: "arm", settings: { baud: 9600 } });

  await page.getByRole("searchbox").fill("shows a port");
  await page.getByText("Shows a port.").click();
  const shown = page.locator("#showPort");
  await shown.getByRole("button", { name: "Try it" }).click();
  await expect.poll(() => shown.getByRole("status").textContent()).toMatch(/^\s*200 after/);
  await expect
    .poll(() => shown.getByRole("region", { name: "Answer" }).textContent())
    .toContain('"name": "sensor"');
});

walk("What goes on and on is listened to for a moment", async ({ rig }) => {
  const server = await rig.demo();
  const anna = await rig.visitor({ viewport: { width: 390, height: 844 } });
  const { page } = await anna.open(new URL("/console/api.html#followEvents", server.url).href);
  const events = page.locator("#followEvents");
  await events.getByRole("button", { name: "Try it" }).click();
  const answer = events.getByRole("region", { name: "Answer" });
  await expect.poll(() => answer.textContent()).toContain("event: ports");
  expect(await events.getByRole("status").textContent()).toContain("and more");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide, "nothing hangs over a phone's edge").toBe(false);
});

walk("Who has no token is told where to give it", async ({ rig }) => {
  const server = await rig.demoForAll();
  const stranger = await rig.visitor();
  stranger.expect(/\b401\b/);
  const page = new URL("/console/api.html", server.link).href;
  const asked = await stranger.open(page);
  await expect.poll(() => asked.page.getByRole("alert").textContent()).toContain("sign in");
  const anna = await rig.visitor();
  const own = await anna.open(server.link);
  await own.button("Later").click();
  await own.sees(/temp:/);
  const let_in = await anna.open(page);
  await let_in.page.getByText("Lists the ports that you may see.").click();
  const line = let_in.page.locator("#listPorts code").first();
  expect(await line.textContent()).not.toContain(new URL(server.link).hash.slice(7));
});
