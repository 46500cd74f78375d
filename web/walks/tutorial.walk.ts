// A page of one's own, as tutorials write it: jQuery, one WebSocket, one message a line.

import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

const PAGE = fileURLToPath(new URL("tutorial", import.meta.url));
const JQUERY = fileURLToPath(new URL("../node_modules/jquery/dist/jquery.js", import.meta.url));

const shown = (page: Page) => page.locator("#messages > div").allTextContents();

walk("A tutorial's page works unchanged, in several browsers at once", async ({ rig }) => {
  const www = join(rig.folder, "www");
  mkdirSync(www);
  cpSync(PAGE, www, { recursive: true });
  cpSync(JQUERY, join(www, "static", "jquery.js"));
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}@9600`, "--www", www);
  const address = `http://localhost:${server.url.port}/`;
  const [anna, berta] = [await rig.visitor(), await rig.visitor()];
  const first = (await anna.open(address)).page;
  const second = (await berta.open(address)).page;
  for (const page of [first, second]) await expect.poll(() => shown(page)).toEqual(["connected"]);

  await pty.say("one\r\ntwo <b>bold</b>\n");
  await pty.say("thr");
  await pty.say("ee\n");
  const lines = ["connected", "one", "two <b>bold</b>", "three"];
  for (const page of [first, second])
    await expect.poll(async () => (await shown(page)).map((line) => line.trimEnd())).toEqual(lines);

  await first.locator("#cmd").fill("led on ä");
  await first.locator("#send").click();
  await expect.poll(() => pty.received.toString()).toBe("led on ä");
  await second.locator("#cmd").fill("!");
  await second.locator("#cmd").press("Enter");
  await expect.poll(() => pty.received.toString()).toBe("led on ä!");

  await first.locator("#clear").click();
  expect(await shown(first)).toEqual([]);
  await pty.say("four\n");
  await expect.poll(() => shown(first)).toEqual(["four"]);
  await expect.poll(() => shown(second)).toHaveLength(5);
  // The console is still there, beside the page.
  const console = await anna.open(new URL("console/", address).href);
  await console.sees("four");
});
