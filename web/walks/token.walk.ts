// Where other machines can reach the server, a token is asked for, once.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("The printed link signs in, and stays signed in", async ({ rig }) => {
  const server = await rig.demoForAll();
  const token = new URL(server.link).hash.replace("#token=", "");
  expect(token).toMatch(/^\w{32,}$/);
  const anna = await rig.visitor();
  const console = await anna.open(server.link);
  await console.button("Later").click();
  await console.sees(/temp:/);
  expect(console.page.url()).not.toContain(token);
  await console.page.reload();
  await console.sees(/temp:/);

  const stranger = await rig.visitor();
  // Chromium says so itself when it is refused.
  stranger.expect(/\b401\b|WebSocket connection to .* failed/);
  const asked = await stranger.open(new URL("/console/", server.link).href);
  await asked.page.getByRole("heading", { name: "This console asks for a token" }).waitFor();
  await asked.page.getByLabel("Token").fill("a guess");
  await asked.button("Sign in").click();
  await expect
    .poll(() => asked.page.getByRole("alert").textContent())
    .toMatch(/not this server.s token/);
  await asked.page.getByLabel("Token").fill(token);
  await asked.page.getByLabel("Token").press("Enter");
  await asked.sees(/temp:/);
});
