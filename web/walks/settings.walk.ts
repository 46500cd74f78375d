// The settings of a port: what is asked and what is in force, and what a pty cannot do.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("Settings change under everyone's eyes, asked and actual side by side", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const other = await (await rig.visitor()).open(server.page("board"));
  const settings = console.page.getByRole("complementary", { name: "Settings and lines of board" });

  const baud = settings.getByRole("combobox", { name: "Baud rate" });
  await baud.fill("57600");
  await baud.press("Enter");
  for (const each of [console, other]) {
    await each.page.getByText("57600 8N1").first().waitFor();
    await each.sees(/── .*57600/);
  }
  await baud.fill("fast");
  await expect.poll(() => settings.getByRole("alert").textContent()).toMatch(/whole number/);
  await baud.press("Escape");

  // A pty has eight data bits, whatever it is asked for.
  await settings.getByRole("group", { name: "Data bits" }).getByText("7").click();
  await settings.getByText("Asked for data bits 7; the device runs at 8.").waitFor();
  await pty.say("still here\r\n");
  await other.sees("still here");
});

walk("What a device cannot do is said calmly", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const settings = console.page.getByRole("complementary", { name: "Settings and lines of board" });
  await settings.getByText("This device has no control lines.").waitFor();

  await settings.getByRole("button", { name: "Send", exact: true }).click();
  await console.page.getByText(/BREAK/i).and(console.page.locator(".toast p")).waitFor();
  await console.send("on it goes");
  await expect.poll(() => pty.received.toString()).toBe("on it goes\n");
});
