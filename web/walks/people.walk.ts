// People: the first account, signing in and being signed out, what each may do, and tokens for programs.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { Administrator, PASSWORD, signIn } from "./rig/people.ts";
import type { Visitor } from "./rig/visitor.ts";
import { type Rig, walk } from "./rig/walk.ts";

/** Somebody of whom the browser says that they were refused. */
async function stranger(rig: Rig): Promise<Visitor> {
  const visitor = await rig.visitor();
  visitor.expect(/\b(401|403|409|422|429)\b|WebSocket connection to .* failed/);
  return visitor;
}

const access = (console: ConsolePage) =>
  console.page.getByRole("dialog", { name: "People and access" });

walk("The link of a new server leads to the first account, and counts no more", async ({ rig }) => {
  const server = await rig.demoForAll();
  const ada = await (await rig.visitor()).open(server.link);
  await ada.page.getByRole("heading", { name: "Make this server yours" }).waitFor();
  await ada.page.getByLabel("Name", { exact: true }).fill("ada");
  await ada.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await ada.button("Make the first account").click();
  await ada.sees(/temp:/);
  await ada.button("People and access").click();
  await access(ada).getByText("Administer everything").waitFor();

  const late = await (await stranger(rig)).open(server.link);
  await late.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await expect.poll(() => late.page.getByRole("alert").textContent()).toMatch(/token/);
});

walk("One signs in by name, and is where one wanted to go", async ({ rig }) => {
  const server = await rig.demo();
  const root = await Administrator.of(server);
  await root.add("ada", "control");
  const console = await (await stranger(rig)).open(server.page("arm", "lines"));
  const alert = console.page.getByRole("alert");
  await signIn(console, "ada", "not this one");
  await expect.poll(() => alert.textContent()).not.toBe("");
  const first = await alert.textContent();
  await signIn(console, "nobody", "not this one");
  await expect.poll(() => alert.textContent()).toBe(first);
  for (let tries = 0; tries < 3; tries += 1) {
    await expect.poll(() => console.button(/^Sign in$/).isEnabled()).toBe(true);
    await signIn(console, "ada", "not this one");
  }
  await console.button(/^Again in/).waitFor();
  await expect.poll(() => console.button("Sign in").isEnabled()).toBe(true);
  await signIn(console, "ada");
  await expect.poll(() => console.page.url()).toMatch(/#\/port\/arm\?view=lines$/);
  await console.lines.waitFor();
  await console.button("People and access").getByText("ada").waitFor();

  await console.page.keyboard.press("Control+K");
  await console.page.getByRole("combobox", { name: "Command" }).waitFor();
  await console.page.keyboard.type("sign out");
  await console.page.keyboard.press("Enter");
  await console.page.getByLabel("Name", { exact: true }).waitFor();
  await console.page.reload();
  await console.page.getByLabel("Name", { exact: true }).waitFor();
});

walk("The palette leads to each part of people and access", async ({ rig }) => {
  const server = await rig.demo();
  await Administrator.of(server);
  const console = await (await stranger(rig)).open(server.page("sensor"));
  await signIn(console, "root");
  await console.sees(/temp:/);
  const { page } = console;
  for (const [words, part] of [
    ["all tokens", "tokens"],
    ["what they may do", "people"],
    ["your account", "you"],
  ] as const) {
    await page.keyboard.press("Control+Shift+P");
    await page.getByRole("combobox", { name: "Command" }).fill(words);
    await page.keyboard.press("Enter");
    await access(console).waitFor();
    const focused = () =>
      page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value);
    await expect.poll(focused).toBe(part);
    await page.keyboard.press("Escape");
  }
});

walk("A token does what it was made for, until it is revoked", async ({ rig }) => {
  const server = await rig.demo();
  const root = await Administrator.of(server);
  await root.add("ada", "control");
  const console = await (await stranger(rig)).open(server.page("sensor"));
  await signIn(console, "ada");
  await console.button("People and access").click();
  await console.button("New token").click();
  await console.page.getByLabel("What it is for").fill("Nightly tests");
  await console.page.getByText("Only this").click();
  await console.page.getByLabel("On ports").fill("sens*");
  await console.page.getByText(/sensor now\.$/).waitFor();
  await console.button("Make the token").click();
  const secret = await console.button(/^Copy sd_/).textContent();
  await console.button("Done").click();

  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${secret?.trim()}` };
    const response = await fetch(new URL(`/api/v1/${path}`, server.link), { ...init, headers });
    return response.status;
  };
  expect(await ask("ports/sensor")).toBe(200);
  expect(await ask("ports/arm")).toBe(404);
  expect(await ask("ports/sensor/write", { method: "POST", body: "led on\n" })).toBe(403);

  const tokens = access(console).getByRole("listitem").filter({ hasText: "Nightly tests" });
  await tokens.getByText("See sens*").waitFor();
  await console.button("Revoke Nightly tests").click();
  await console.button("Revoke").click();
  await expect.poll(() => tokens.count()).toBe(0);
  expect(await ask("ports/sensor")).toBe(401);
});

walk("Each port offers what one may do with it, and no other is there", async ({ rig }) => {
  const server = await rig.demo();
  const root = await Administrator.of(server);
  await root.add("vera", "see:sensor", "type:arm");
  const visitor = await stranger(rig);
  // The timeline of `arm` may be asked for once more while the right to see it goes.
  visitor.expect(/404 .*ports\/arm\/timeline/);
  const vera = await visitor.open(server.page("sensor"));
  await signIn(vera, "vera");
  await vera.sees(/temp:/);
  await vera.page.getByText("You may watch sensor, not type.").first().waitFor();
  expect(await vera.message.count()).toBe(0);
  expect(await vera.button("Release").isEnabled()).toBe(false);
  expect(await vera.page.getByLabel("Parity").isEnabled()).toBe(false);
  expect(await vera.port("linux").count()).toBe(0);
  await vera.port("arm").click();
  await vera.send("status");
  await vera.page.getByText("You may type on arm, not change it.").waitFor();
  expect(await vera.button("Add a panel").count()).toBe(0);

  await root.allow("vera", "control:sensor");
  await vera.port("sensor").click();
  await expect.poll(() => vera.message.count()).toBe(1);
  await expect.poll(() => vera.button("Release").isEnabled()).toBe(true);
  await expect.poll(() => vera.port("arm").count()).toBe(0);
});

walk("What anyone may see is seen by whoever comes, who signs in for more", async ({ rig }) => {
  const pty = await rig.pty();
  const config = join(rig.folder, "seriald.toml");
  const rule = `[[allow]]\nwho = ["anyone"]\nright = "see"\n`;
  writeFileSync(config, `[port.board]\ndevice = ${JSON.stringify(pty.path)}\n${rule}`);
  const server = await rig.serve("--config", config);
  const root = await Administrator.of(server);
  await root.add("ada", "control");
  const console = await (await stranger(rig)).open(server.page("board"));
  await pty.say("hello\r\n");
  await console.sees("hello");
  await console.page.getByText("You may watch board, not type.").first().waitFor();
  await console.button("Sign in").click();
  await signIn(console, "ada");
  await console.send("hello yourself");
  await expect.poll(() => pty.received.toString()).toBe("hello yourself\n");
});

walk(
  "Whoever is removed is told at once in every tab, and goes on when let in again",
  async ({ rig }) => {
    const server = await rig.demo();
    const root = await Administrator.of(server);
    await root.add("ben", "type");
    const ada = await (await stranger(rig)).open(server.page("sensor"));
    await signIn(ada, "root");
    const visitor = await stranger(rig);
    const first = await visitor.open(server.page("sensor"));
    await signIn(first, "ben");
    await first.sees(/temp:/);
    const second = await visitor.open(server.page("sensor"));
    await second.sees(/temp:/);

    await ada.button("People and access").click();
    await access(ada).getByText("People", { exact: true }).click();
    await ada.button("Change ben").click();
    await ada.button("Remove").click();
    await ada.page
      .getByRole("dialog", { name: "Remove ben?" })
      .getByText("Remove", { exact: true })
      .click();
    await expect.poll(() => ada.button("Change ben").count()).toBe(0);
    for (const tab of [first, second]) {
      await tab.page.getByText("You are signed out.").waitFor();
      await tab.sees(/temp:/);
    }
    await ada.page.keyboard.press("Escape");
    await ada.send("status");

    await root.add("ben", "see");
    await first.button("Sign in").click();
    await signIn(first, "ben");
    for (const tab of [first, second]) {
      await tab.page.getByText("You are signed out.").waitFor({ state: "hidden" });
      await tab.page.getByText("You may watch sensor, not type.").first().waitFor();
      await tab.sees("status:");
    }
  },
);

walk("People are added and changed, but for the last who administers", async ({ rig }) => {
  const server = await rig.demo();
  await Administrator.of(server);
  const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };
  const visitor = await rig.visitor(phone);
  visitor.expect(/\b(401|409)\b|WebSocket connection to .* failed/);
  const console = await visitor.open(server.page("sensor"));
  const { page } = console;
  const isNarrow = async () =>
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      360,
    );
  await page.getByLabel("Name", { exact: true }).waitFor();
  await isNarrow();
  await signIn(console, "root");
  await console.button("Show the ports").tap();
  await console.button("People and access").tap();
  await access(console).getByText("People", { exact: true }).tap();
  await console.button("Add a person").tap();
  await page.getByLabel("Name", { exact: true }).fill("ben");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("combobox", { name: "Right" }).selectOption("Control");
  await page.getByLabel("On ports").fill("arm");
  await page.getByLabel("Groups").fill("staff, night");
  await isNarrow();
  await console.button("Add").tap();
  await access(console).getByText("Control arm").waitFor();
  await access(console).getByText("@night · @staff").waitFor();
  await isNarrow();

  await console.button("Change root").tap();
  await console.button("Take this right away").tap();
  await console.button("Save").tap();
  await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/administer/);
  await console.button("Cancel").tap();
  await access(console).getByText("Administer everything").waitFor();
});
