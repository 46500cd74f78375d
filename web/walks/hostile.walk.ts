// A hostile device: whatever it sends is text, and the page goes on.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

const ESC = "\u001b";
const BEL = "\u0007";

const ATTACKS: Record<string, string | Uint8Array> = {
  markup: `<img src=x onerror="document.title='owned'"><script>alert(1)</script>\r\n`,
  "huge repeat counts": `${ESC}[999999999L${ESC}[999999999b${ESC}[2147483647M${ESC}[999999999@\r\n`,
  clipboard: `${ESC}]52;c;${Buffer.from("owned").toString("base64")}${BEL}`,
  title: `${ESC}]0;owned${BEL}${ESC}]2;owned${ESC}\\${ESC}[22t${ESC}[23t`,
  "javascript link": `${ESC}]8;;javascript:document.title='owned'${BEL}click me${ESC}]8;;${BEL}\r\n`,
  "unfinished strings": `${ESC}]2;${"a".repeat(300_000)}${ESC}P${"b".repeat(300_000)}${ESC}\\\r\n`,
  "a huge line": "x".repeat(1_000_000),
  "not UTF-8": Uint8Array.from({ length: 4096 }, (_, n) => 0x80 + (n % 0x80)),
  resize: `${ESC}[8;1;1t${ESC}[3;0;0t${ESC}[?3h`,
};

walk("Whatever a hostile device sends, the page lives and nothing runs", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const { page } = console;
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  await pty.say("ready\r\n");
  await console.sees("ready");
  const title = await page.title();

  for (const view of ["Terminal", "Lines", "Hex"] as const) {
    await console.show(view);
    for (const [name, attack] of Object.entries(ATTACKS)) {
      await pty.say(attack);
      const mark = `after ${name} in ${view}`;
      await pty.say(`${ESC}\\${ESC}c\r\n${mark}\r\n`);
      await console.send(mark);
      await expect.poll(() => pty.received.toString()).toContain(mark);
      if (view === "Terminal") await expect.poll(() => console.screen()).toContain(mark);
      if (view === "Lines") await console.reads(mark);
    }
  }

  await console.show("Terminal");
  await pty.say(ATTACKS["javascript link"] ?? "");
  await console.sees("click me");
  const link = await console.terminal.getByText("click me").last().boundingBox();
  if (!link) throw new Error("the link is not in sight");
  await page.mouse.click(link.x + link.width / 2, link.y + link.height / 2);
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await page.title()).toBe(title);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
  expect(await page.locator("img").count()).toBe(0);
});
