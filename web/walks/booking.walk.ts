// Bookings: two people share a port, each for a time of their own.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { Administrator, signIn } from "./rig/people.ts";
import type { Server } from "./rig/server.ts";
import { type Rig, walk } from "./rig/walk.ts";

/** Somebody who is signed in; what they are refused the browser says too. */
async function person(rig: Rig, server: Server, name: string): Promise<ConsolePage> {
  const visitor = await rig.visitor();
  visitor.expect(/\b(401|409)\b|WebSocket connection to .* failed/);
  const console = await visitor.open(server.page("sensor"));
  await signIn(console, name);
  await console.sees(/temp:/);
  return console;
}

/** Waits until the line about bookings says something. */
async function reads({ page }: ConsolePage, words: RegExp): Promise<void> {
  const line = page.getByRole("status").filter({ hasText: /until|ooked by/ });
  const text = async () => (await line.allTextContents()).join().replaceAll(/\s+/g, " ");
  await expect.poll(text).toMatch(words);
}

const command = async ({ page }: ConsolePage, text: string) => {
  await page.keyboard.press("Control+K");
  await page.getByRole("combobox", { name: "Command" }).fill(text);
  await page.keyboard.press("Enter");
};

walk(
  "Who books a port has it, and others see whose it is until it is given back",
  async ({ rig }) => {
    const server = await rig.demo();
    const root = await Administrator.of(server);
    await root.add("ada", "type");
    await root.add("ben", "control");
    const [ada, ben] = [await person(rig, server, "ada"), await person(rig, server, "ben")];
    await ada.message.focus();
    await command(ada, "Book this port");
    await ada.page.getByLabel("What for, if others should know").fill("burn-in");
    await ada.button("Book").click();

    // Shortly before midnight it ends on another day, which is said too.
    await reads(ada, /Yours until (\w+ \d+ \w+, )?\d\d:\d\d · .* left · burn-in/);
    await reads(ben, /ada has booked sensor until (\w+ \d+ \w+, )?\d\d:\d\d · .* left/);
    await ben.page.getByText("ada has booked sensor.").first().waitFor();
    expect(await ben.message.count()).toBe(0);
    expect(await ben.button("Release").isEnabled()).toBe(false);
    await ada.send("led on");
    await ben.sees("ok: led on");

    await ada.button("1 h more").click();
    await reads(ada, /· (1\sh 59\smin|2\sh) left/);

    // He books it for afterwards, for it is taken now.
    await ben.button("Bookings").click();
    const dialog = ben.page.getByRole("dialog", { name: "Bookings" });
    await dialog.getByText(/^sensor · .* · burn-in$/).waitFor();
    await ben.button("Book…").click();
    await ben.button("Book").click();
    await ben.page
      .getByRole("alert")
      .getByText(/sensor is booked by ada until/)
      .waitFor();
    await ben.button(/^Book from/).click();
    const own = dialog.getByRole("listitem").filter({ hasText: "ben" });
    await own.waitFor();
    await reads(ada, /Then ben,/);

    await ben.button("Close").click();
    await ada.button("Give back").click();
    await reads(ben, /Booked by ben/);
    await ben.send("led off");
    await ada.sees("ok: led off");
    await ben.button("Bookings").click();
    await own.getByRole("button", { name: /^End/ }).click();
    await dialog.getByText("Nobody has booked a port.").waitFor();
  },
);

walk("Without accounts one says a name, and has any of some ports", async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor({ viewport: { width: 390, height: 844 } });
  const ada = await visitor.open(server.page("sensor"));
  await ada.sees(/temp:/);
  await ada.button(/watching$/).click();
  await ada.button("Bookings…").click();
  await ada.page.getByText("Nobody has booked a port.").waitFor();
  await ada.button("Book…").click();
  await ada.page.getByLabel("Your name, as others see it").fill("ada");
  for (const port of ["arm", "imu"]) await ada.page.getByText(port, { exact: true }).last().click();
  await ada.page.getByText("Any one").click();
  await ada.button("Book").click();
  const dialog = ada.page.getByRole("dialog", { name: "Bookings" });
  const first = dialog.getByRole("listitem").filter({ hasText: "ada" });
  await first.waitFor();
  const words = await first.textContent();
  expect(words).toMatch(/(arm|imu|sensor) · /);
  const width = await ada.page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(390);
});
