// The server dies and comes back: the page says so, waits, and goes on by itself.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("A page outlives its server", async ({ rig }) => {
  const device = await rig.device("sensor");
  const server = await rig.serve(`sensor=${device.path}`);
  const visitor = await rig.visitor();
  // Chromium says so itself whenever the server cannot be reached.
  visitor.expect(/WebSocket connection to .* failed|ERR_CONNECTION_(REFUSED|RESET)/);
  const console = await visitor.open(server.page("sensor"));
  await console.send("led on");
  await console.sees("ok: led on");
  await console.page.evaluate(() => Object.assign(window, { before: true }));

  await server.kill();
  const banner = console.page.getByText("Connection lost.");
  await banner.waitFor();
  await expect.poll(() => console.page.title()).toMatch(/offline/);

  await server.restart();
  await banner.waitFor({ state: "hidden" });
  await console.page.getByText("The server was restarted.").waitFor();
  await console.sees(/── .*ended without warning/);
  await console.send("status");
  await console.sees("status: led on");
  // It is still the same page.
  expect(await console.page.evaluate(() => "before" in window)).toBe(true);
  await console.show("Lines");
  await console.lines.press("Home");
  // The recording has what came before, from the first record on.
  await expect.poll(() => console.topRow()).toContain("opened");
  await console.reads("ok: led on");
});
