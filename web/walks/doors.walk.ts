// Doors for programs: opened and closed in the console, for everyone who watches.

import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { walk } from "./rig/walk.ts";

const door = (console: ConsolePage, name: string) =>
  console.page.getByRole("checkbox", { name: new RegExp(`^${name}`) });

walk("A door is opened where it is free, used by a program, and closed", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const anna = await (await rig.visitor()).open(server.page("board"));
  const berta = await (await rig.visitor()).open(server.page("board"));
  await door(anna, "Raw TCP").click();
  const line = anna.button(/^Copy socket:/);
  await line.click();
  const address = await anna.page.evaluate(() => navigator.clipboard.readText());
  const [, host, port] = address.match(/^socket:\/\/(127\.0\.0\.1):(\d+)$/) ?? [];
  await berta.button(`Copy socket://${host}:${port}`).waitFor();

  const program = connect(Number(port), host);
  program.write("from a program\n");
  await expect.poll(() => pty.received.toString()).toBe("from a program\n");
  await anna.sees(/tcp door opened/);
  const closed = once(program.resume(), "close");
  await door(berta, "Raw TCP").click();
  await closed;
  await expect.poll(() => door(anna, "Raw TCP").isChecked()).toBe(false);
});

walk("A door that cannot be opened says why, and stays closed", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const address = console.page.getByLabel("Listens at").first();
  const told = console.page.getByRole("alert");
  const refused = async (text: string, why: string) => {
    await address.fill(text);
    await door(console, "RFC 2217").click();
    await expect.poll(() => told.allTextContents()).toContainEqual(expect.stringContaining(why));
    expect(await door(console, "RFC 2217").isChecked()).toBe(false);
  };
  await refused("no address", "no address");
  await refused(`127.0.0.1:${server.url.port}`, "in use");
  await refused("0.0.0.0:4000", "--no-auth");

  await address.fill("0");
  await door(console, "RFC 2217").click();
  await console.button(/^Copy esptool --port rfc2217:/).waitFor();
  expect(await told.count()).toBe(0);
});
