// A login console in the terminal: colours, a full-screen program, and one answer for many terminals.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("A person logs in, and two browsers see the same screen", async ({ rig }) => {
  const server = await rig.demo();
  const anna = await (await rig.visitor()).open(server.page("linux"));
  const berta = await (await rig.visitor()).open(server.page("linux"));
  await anna.logIn();
  await expect.poll(() => anna.screen()).not.toContain("secret");

  await anna.type("clear\ncolors\n");
  await anna.sees("true colour");
  const ofPalette = anna.terminal.locator(".xterm-rows span[class*=xterm-bg-]");
  await expect.poll(() => ofPalette.count()).toBeGreaterThan(200);
  const ofTrueColour = anna.terminal.locator(".xterm-rows span[style*=background-color]");
  await expect.poll(() => ofTrueColour.count()).toBeGreaterThan(60);
  await expect.poll(async () => (await berta.screen()) === (await anna.screen())).toBe(true);

  await anna.type("top\n");
  for (const console of [anna, berta]) {
    await console.sees(/^ *PID USER +%CPU/m);
    await console.sees("q quits");
  }
  await berta.type("q");
  for (const console of [anna, berta]) {
    await expect.poll(() => console.screen()).not.toContain("q quits");
    await console.sees(/root@demo:~#$/m);
  }
});

walk("Of two tabs exactly one answers what the device asks", async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor();
  const first = await visitor.open(server.page("linux"));
  await first.logIn();
  const second = await visitor.open(server.page("linux"));
  await second.sees("root@demo:~#");

  for (const console of [first, second]) {
    await console.page.bringToFront();
    await console.type("clear\nsize\n");
    await console.sees(/exactly one terminal answered\n/);
    for (const each of [first, second])
      await expect.poll(() => each.screen()).not.toMatch("terminals answered");
  }
});
