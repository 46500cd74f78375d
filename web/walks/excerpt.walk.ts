// Links to an excerpt: lines are chosen and shared, and a stranger sees them and nothing else.

import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import type { Pty } from "./rig/device.ts";
import { Administrator, signIn } from "./rig/people.ts";
import type { Server } from "./rig/server.ts";
import type { Visitor } from "./rig/visitor.ts";
import { type Rig, walk } from "./rig/walk.ts";

const CRASH = Array.from({ length: 12 }, (_, n) => `crash: frame ${n}`);

/** A visitor whose browser says that they were refused, and asks nothing when a file is saved. */
async function stranger(rig: Rig, options?: Parameters<Rig["visitor"]>[0]): Promise<Visitor> {
  const visitor = await rig.visitor(options);
  visitor.expect(/\b(401|403|409)\b|WebSocket connection to .* failed/);
  await visitor.context.addInitScript(() =>
    Object.defineProperty(window, "showSaveFilePicker", { value: undefined }),
  );
  return visitor;
}

/** A server with accounts, its board, and root at its lines, where something crashed. */
async function crashed(rig: Rig): Promise<{ pty: Pty; server: Server; root: ConsolePage }> {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  await Administrator.of(server);
  const root = await (await stranger(rig)).open(server.page("board", "lines"));
  await signIn(root, "root");
  for (const text of ["calm before", ...CRASH, "calm after"]) await pty.say(`${text}\r\n`);
  await root.reads("calm after");
  return { pty, server, root };
}

/** Chooses the crash, and shares it. */
async function share(root: ConsolePage): Promise<string> {
  const row = (text: string) =>
    root.lines.getByRole("option").filter({ hasText: text }).locator("[data-edge]").first();
  await row("frame 0").click();
  await row("frame 11").click({ modifiers: ["Shift"] });
  await root.button(/watching$/).click();
  await root.button("Share…").click();
  const dialog = root.page.getByRole("dialog", { name: "Share board" });
  await dialog.getByRole("radio", { name: "Only this" }).waitFor();
  expect(await dialog.getByRole("radio", { name: "Only this" }).isChecked()).toBe(true);
  await dialog.getByText(/, 19\d.B\. What was typed/).waitFor();
  await dialog.getByLabel(/What it is for/).fill("The crash");
  await root.button("Make the link").click();
  await root.page.getByRole("img", { name: "The link as a QR code" }).waitFor();
  const link = await root.button(/^Copy http/).textContent();
  await root.button("Done").click();
  return link?.trim() ?? "";
}

walk("A stranger reads, searches and saves what was shared, and nothing else", async ({ rig }) => {
  const { pty, root } = await crashed(rig);
  const link = await share(root);

  const guest = await (await stranger(rig)).open(link);
  await guest.page.getByText(/^\s*Excerpt · [^·]*·\s+19\d.B\s*$/).waitFor();
  await guest.page.getByText(/The link shows this of board and nothing else,\s+until 20/).waitFor();
  await guest.show("Lines");
  await guest.reads("frame 11");
  const rows = async () => (await guest.rows()).join("\n");
  expect(await rows()).toContain("frame 0");
  await pty.say("calm still\r\n");
  await root.reads("calm still");
  expect(await rows()).not.toContain("calm");
  for (const gone of ["Open", "Show the ports", "Settings and lines", "Pause the view"])
    expect(await guest.button(gone).count(), gone).toBe(0);
  expect(await guest.sendBar.count()).toBe(0);
  expect(await guest.button(/watching$/).count()).toBe(0);
  await guest.show("Terminal");
  await guest.sees("frame 11");
  expect(await guest.screen()).not.toContain("calm");
  await guest.show("Hex");
  await expect.poll(async () => (await guest.rows(guest.hex)).join()).toContain("63 72 61 73 68");
  expect(await guest.page.getByLabel("Stretch of the timeline").inputValue()).toBe("all");

  await guest.button("Look back").click();
  await guest.button(/^Search everything/).click();
  const field = guest.page.getByRole("combobox", { name: /^Search everything/ });
  const found = guest.page.getByRole("listbox", { name: "What was found" });
  await field.fill("frame");
  await expect.poll(() => found.getByRole("option").count()).toBe(CRASH.length);
  await field.fill("calm");
  await guest.page.getByText("Nothing was found.").waitFor();
  await guest.button("Copy and save").click();
  await guest.button("Save as a file…").click();
  const dialog = guest.page.getByRole("dialog", { name: "Save board as a file" });
  await dialog.getByText("Raw", { exact: true }).click();
  const download = guest.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  const file = (await readFile(await (await download).path())).toString();
  expect(file).toBe(`${CRASH.join("\r\n")}\r\n`);

  expect(await root.button("0 others watching").count()).toBe(1);
  await root.button("People and access").click();
  await root.page.getByText(/^see board, 20.* opened 1×/).waitFor();
  await guest.page.reload();
  await guest.page.getByText(/^\s*Excerpt · /).waitFor();
  await root.button("Revoke The crash").click();
  await root.button("Revoke").click();
  await guest.page.getByText("The link that you came by has ended.").waitFor();
});

walk(
  "On a phone it is as calm, and the present can be shared by its last minutes",
  async ({ rig }) => {
    const { server, root } = await crashed(rig);
    const link = await share(root);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
    const guest = await (await stranger(rig, phone)).open(link);
    await guest.page.getByText(/^\s*Excerpt · /).waitFor();
    await guest.sees("frame 11");

    const live = await (await stranger(rig)).open(server.page("board"));
    await signIn(live, "root");
    await live.sees("calm after");
    await live.button(/watching$/).click();
    await live.button("Share…").click();
    expect(await live.page.getByRole("radio", { name: "The port" }).isChecked()).toBe(true);
    await live.page.getByText("Only the last minutes").click();
    await live.page.getByText(/What was typed/).waitFor();
  },
);
