// Turns: two people at a port where one at a time types: the turn is asked for, handed over, taken by force; and what they say to each other.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { Administrator, signIn } from "./rig/people.ts";
import { type Rig, walk } from "./rig/walk.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

async function arrive(rig: Rig, address: string, name: string, options = {}): Promise<ConsolePage> {
  const visitor = await rig.visitor(options);
  visitor.expect(/\b(401|409)\b|WebSocket connection to .* failed/);
  const console = await visitor.open(address);
  await signIn(console, name);
  await console.sees(/temp:/);
  return console;
}

const notice = ({ page }: ConsolePage, text: string | RegExp) =>
  page.getByRole("status").getByText(text).first();

async function command({ page }: ConsolePage, text: string): Promise<void> {
  await page.keyboard.press("Control+Shift+P");
  await page.getByRole("combobox", { name: "Command" }).waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

walk("Two people type one after the other, and one takes the turn by force", async ({ rig }) => {
  const server = await rig.demo();
  const root = await Administrator.of(server);
  await root.add("ada", "control");
  await root.add("ben", "type");
  const ada = await arrive(rig, server.page("sensor"), "ada");
  const ben = await arrive(rig, server.page("sensor"), "ben", PHONE);
  await ada.page.getByLabel("One at a time").check();
  await notice(ben, "Nobody has the turn.").waitFor();

  await ben.send("status");
  await ben.sees("status: ");
  await notice(ben, "You have the turn.").waitFor();
  await notice(ada, "ben has the turn.").waitFor();
  await expect.poll(() => ada.message.isEnabled()).toBe(false);
  await ada.type("x");
  await ada.page.getByText(/ben has the turn on sensor; ask for it/).waitFor();

  await ada.button("Ask for it").click();
  await notice(ben, "ada asks for the turn.").waitFor();
  await ben.button("Hand over").tap();
  await notice(ada, "You have the turn.").waitFor();
  await ada.send("led on");
  expect(await ben.message.isEnabled()).toBe(false);
  expect(await ben.button("Take over").count()).toBe(0);
  await ada.button("Give it back").click();
  await ben.button("Take it").tap();
  await notice(ben, "You have the turn.").waitFor();

  await ada.button("Take over").click();
  await ada.page.getByRole("dialog").getByText("Take over", { exact: true }).click();
  await notice(ada, "You have the turn.").waitFor();
  await ben.page.getByText("ada has the turn now.").waitFor();
  await ben.sees("the turn went from ben to ada, by force");

  // A page that is loaded again is the same person.
  await ada.page.reload();
  await ada.sees(/temp:/);
  await notice(ada, "You have the turn.").waitFor();
  await ada.page.close();
  await notice(ben, "Gone for a moment; it is free soon.").waitFor();
  await notice(ben, "Nobody has the turn.").waitFor({ timeout: 25_000 });
  await ben.send("status");
  await notice(ben, "You have the turn.").waitFor();
});

walk(
  "What somebody says is read by all who watch, and does not reach the device",
  async ({ rig }) => {
    const server = await rig.demo();
    const root = await Administrator.of(server);
    await root.add("ada", "type");
    await root.add("eve", "see");
    const ada = await arrive(rig, server.page("sensor"), "ada");
    const eve = await arrive(rig, server.page("sensor"), "eve", PHONE);
    await ada.button(/others? watching$/).click();
    await ada.button("Say something").click();
    await ada.page.getByLabel("A line to all who watch").fill("I power-cycle it now");
    await ada.button("Say it").click();
    await eve.sees("ada: I power-cycle it now");
    await command(ada, "say something");
    await ada.page.getByLabel("A line to all who watch").fill("It is back");
    await ada.page.keyboard.press("Enter");
    await eve.sees("ada: It is back");
    await eve.button(/others? watching$/).tap();
    expect(await eve.button("Say something").count()).toBe(0);
    await ada.show("Lines");
    await ada.reads("ada: It is back");
  },
);

walk("Somebody who watches twice is one face", async ({ rig }) => {
  const server = await rig.demo();
  const root = await Administrator.of(server);
  await root.add("ada", "type");
  await root.add("eve", "see");
  const ada = await arrive(rig, server.page("sensor"), "ada");
  await arrive(rig, server.page("sensor"), "ada", PHONE);
  const eve = await arrive(rig, server.page("sensor"), "eve");
  await eve.button("1 other watching").click();
  await eve.page.getByText("×2").waitFor();
  await ada.button("1 other watching").click();
  await ada.page.getByText("You, elsewhere too").waitFor();
});

walk("Without accounts a page that is loaded again has its turn still", async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor();
  const [first, second] = [
    await visitor.open(server.page("sensor")),
    await visitor.open(server.page("sensor")),
  ];
  await first.sees(/temp:/);
  await second.sees(/temp:/);
  await command(first, "one at a time");
  await notice(second, "Nobody has the turn.").waitFor();
  await first.send("status");
  await notice(first, "You have the turn.").waitFor();
  await expect.poll(() => second.message.isEnabled()).toBe(false);
  await first.page.reload();
  await notice(first, "You have the turn.").waitFor();
  await expect.poll(() => second.message.isEnabled()).toBe(false);
});
