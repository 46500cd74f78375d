// A phone: ports in a drawer, keys that its keyboard lacks, and nothing beside the screen.

import { expect } from "vitest";
import { PlotPage } from "./rig/plot-page.ts";
import { walk } from "./rig/walk.ts";

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

walk("A port is used with the thumbs", async ({ rig }) => {
  const pty = await rig.pty();
  const other = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`, `other=${other.path}`);
  const console = await (await rig.visitor(PHONE)).open(server.page("other"));
  await other.say("this is the other\r\n");
  await console.sees("this is the other");

  await console.button("Show the ports").tap();
  await console.port("board").tap();
  await pty.say("hello\r\n");
  await console.sees("hello");

  const keys = console.page.getByRole("toolbar", { name: "Terminal keys" });
  await console.terminal.getByRole("textbox").focus();
  await keys.getByRole("button", { name: "Control, for the next key" }).tap();
  await console.page.keyboard.type("c");
  await keys.getByRole("button", { name: "Up" }).tap();
  await keys.getByRole("button", { name: "Escape" }).tap();
  await expect.poll(() => pty.received.toString()).toBe("\u0003\u001b[A\u001b");

  await console.message.fill("from a phone");
  await console.sendButton.tap();
  await expect.poll(() => pty.received.toString()).toContain("from a phone\n");
  await console.show("Lines");
  await console.reads("hello");
  await console.show("Hex");
  await expect.poll(async () => (await console.rows(console.hex)).join("\n")).toMatch("68 65 6c");
});

walk("What a finger meets is 24 pixels wide and high", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor(PHONE)).open(server.page("sensor", "lines"));
  await console.reads(/temp:/);
  await console.button("Pause the view").tap();
  const row = console.lines.getByRole("option").filter({ hasText: "temp:" }).first();
  await row.locator(".time").tap();
  await row.getByRole("button", { name: "Copy a link to this line" }).waitFor();
  const plot = new PlotPage(console.page);
  await plot.open();
  await expect.poll(() => plot.series()).toHaveLength(3);
  const small = () =>
    console.page.getByRole("button").evaluateAll((buttons) =>
      buttons
        .map((button) => ({ button, box: button.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
        .map(
          ({ button, box }) =>
            `${button.ariaLabel ?? button.textContent} ${box.width}×${box.height}`,
        ),
    );
  expect(await small()).toEqual([]);
  expect((await row.boundingBox())?.height).toBeLessThan(24);
});

walk("Text twice as large fits a phone, with the name of the port", async ({ rig }) => {
  const server = await rig.demo();
  const large = { ...PHONE, viewport: { width: 195, height: 844 } };
  const page = await (await rig.visitor(large)).open(server.page("sensor"));
  await page.sees("temp:");
  expect(await page.page.evaluate(() => document.documentElement.scrollWidth)).toBe(195);
  expect(
    (await page.page.getByRole("heading", { name: "sensor" }).boundingBox())?.width,
  ).toBeGreaterThan(30);
});

walk("Nothing is wider than a small phone", async ({ rig }) => {
  const server = await rig.demo();
  const small = { ...PHONE, viewport: { width: 360, height: 640 } };
  const console = await (await rig.visitor(small)).open(server.page("sensor"));
  const width = () => console.page.evaluate(() => document.documentElement.scrollWidth);
  await console.sees("temp:");
  for (const view of ["Lines", "Hex", "Terminal"] as const) {
    await console.show(view);
    expect(await width()).toBeLessThanOrEqual(360);
  }
  await console.message.focus();
  expect(await width()).toBeLessThanOrEqual(360);
  await console.button("Settings and lines").tap();
  await console.page.getByRole("heading", { name: "Control lines" }).waitFor();
  expect(await width()).toBeLessThanOrEqual(360);
});
