// Taking it away: copy what the page has, save what the server has.

import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import type { Visitor } from "./rig/visitor.ts";
import { type Rig, walk } from "./rig/walk.ts";

const SAID = Buffer.concat([
  Buffer.from("first line\r\nänother \u001b[1;31mred\u001b[0m line\r\n"),
  Buffer.from([0x00, 0xff, 0x80, 0x07]),
  Buffer.from("\r\nlast line\r\n"),
]);

/** A visitor whose browser asks nothing when a file is saved. */
async function saver(rig: Rig): Promise<Visitor> {
  const visitor = await rig.visitor();
  await visitor.context.addInitScript(() =>
    Object.defineProperty(window, "showSaveFilePicker", { value: undefined }),
  );
  return visitor;
}

async function saved(console: ConsolePage, format: string): Promise<Buffer> {
  await console.button("Copy and save").click();
  await console.button("Save as a file…").click();
  const dialog = console.page.getByRole("dialog", { name: /^Save .* as a file$/ });
  await dialog.getByText(format, { exact: true }).click();
  const download = console.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  return readFile(await (await download).path());
}

walk("Everything on the page goes to the clipboard", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  await pty.say("first line\r\nsecond \u001b[1;31mred\u001b[0m line\r\n");
  await console.sees("second red line");

  await console.button("Copy and save").click();
  await console.button(/^Copy all/).click();
  const copied = () => console.page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toBe("first line\r\nsecond red line\r\n");
});

walk("What the server has is saved byte for byte, and as text", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await saver(rig)).open(server.page("board"));
  await pty.say(SAID);
  await console.sees("last line");
  // What the page does not show any more is saved all the same.
  await console.button("Clear the view").click();

  expect(await saved(console, "Raw")).toEqual(SAID);
  const text = (await saved(console, "Text")).toString();
  expect(text).toMatch(/^[\d-]+T[\d:.]+Z first line\n[\d-]+T[\d:.]+Z änother red line$/m);
  expect(text).toMatch(/Z last line\n$/);
  const lines = (await saved(console, "JSON Lines")).toString().trim().split("\n");
  const records = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === "rx");
  const bytes = records.map(({ text, hex }) => Buffer.from(text ?? hex, text ? "utf8" : "hex"));
  expect(Buffer.concat(bytes)).toEqual(SAID);
  const table = (await saved(console, "CSV")).toString();
  expect(table).toContain("first line");
});
