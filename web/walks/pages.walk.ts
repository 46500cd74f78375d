// Pages of one's own: the examples, a page that follows its files, and one that is a tab of its port.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { program } from "./rig/program.ts";
import type { Server } from "./rig/server.ts";
import { type Rig, walk } from "./rig/walk.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

async function open(rig: Rig, server: Server, path: string, options = {}): Promise<Page> {
  return (await (await rig.visitor(options)).open(new URL(path, server.url).href)).page;
}

/** Nobody has to push a page to and fro. */
async function fits(page: Page): Promise<void> {
  const { inner, outer } = await page.evaluate(() => ({
    inner: document.documentElement.scrollWidth,
    outer: innerWidth,
  }));
  expect(inner).toBeLessThanOrEqual(outer);
}

walk("The examples lead to each other, on a phone too", async ({ rig }) => {
  const server = await rig.demo("--www", EXAMPLES);
  const page = await open(rig, server, "/", PHONE);
  for (const [name, port] of [
    ["Messages", "sensor"],
    ["Weather station", "sensor"],
    ["Robot arm", "arm"],
  ] as const) {
    const link = page.getByRole("link", { name });
    await expect.poll(() => link.getAttribute("href")).toContain(`?port=${port}`);
    await link.click();
    await expect.poll(() => page.getByText(`${port} is connected`).isVisible()).toBe(true);
    await fits(page);
    await page.goBack();
  }
});

walk("Messages: a command is answered, seen by others, and found again", async ({ rig }) => {
  const server = await rig.demo("--www", EXAMPLES);
  const first = await open(rig, server, "/messages/?port=sensor");
  const second = await open(rig, server, "/messages/?port=sensor", PHONE);
  const command = first.getByRole("textbox", { name: "Command" });
  await command.fill("led on");
  await command.press("Enter");
  for (const page of [first, second]) {
    const messages = page.getByRole("list", { name: "Messages" });
    await expect.poll(() => messages.textContent()).toMatch(/led on {2}\(messages\)/);
    await expect.poll(() => messages.textContent()).toContain("ok: led on");
  }
  await command.press("ArrowUp");
  expect(await command.inputValue()).toBe("led on");

  // Who looks at what was before is not torn away from it.
  const list = second.getByRole("list", { name: "Messages" });
  await command.fill("rate 50");
  await command.press("Enter");
  await expect.poll(() => list.locator("li").count()).toBeGreaterThan(80);
  await list.evaluate((element) => element.scrollTo(0, 0));
  await second.getByRole("button", { name: /Newest/ }).click();
  await expect
    .poll(() => list.evaluate((l) => l.scrollHeight - l.scrollTop - l.clientHeight))
    .toBeLessThan(24);
});

walk(
  "Messages: the page says what is wrong, and goes on when the server is back",
  async ({ rig }) => {
    const device = await rig.device("sensor");
    const server = await rig.serve(`sensor=${device.path}`, "--www", EXAMPLES);
    const visitor = await rig.visitor();
    visitor.expect(/WebSocket|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|Failed to load/);
    const { page } = await visitor.open(new URL("/messages/?port=sensor", server.url).href);
    const said = (text: string | RegExp) =>
      expect.poll(() => page.getByRole("status").textContent()).toMatch(text);
    await said("sensor is connected");
    await device.unplug();
    await said(device.path);
    await device.plug();
    await said("sensor is connected");
    await server.kill();
    await said("The server is away.");
    await server.restart();
    await said("sensor is connected");
    const list = page.getByRole("list", { name: "Messages" });
    const before = await list.locator("li").count();
    await expect.poll(() => list.locator("li").count()).toBeGreaterThan(before);
  },
);

walk("Weather: the gauges live, the charts have the past, the fan obeys", async ({ rig }) => {
  const server = await rig.demo("--www", EXAMPLES);
  const page = await open(rig, server, "/weather/?port=sensor", PHONE);
  const gauge = page.getByRole("img", { name: /^Temperature: \d+\.\d °C$/ });
  await expect.poll(() => gauge.count()).toBe(1);
  const chart = page.getByRole("img", { name: /^Temperature over time: \d.* °C$/ });
  await expect.poll(() => chart.count()).toBe(1);
  await fits(page);

  const fan = page.getByRole("slider", { name: "Fan" });
  await fan.focus();
  await page.keyboard.press("End");
  const blink = page.getByRole("button", { name: "Blink" });
  await blink.click();
  await expect.poll(() => blink.getAttribute("aria-pressed")).toBe("true");

  // Who comes later sees what was set and what was measured.
  const other = await open(rig, server, "/weather/?port=sensor");
  await expect.poll(() => other.getByRole("slider", { name: "Fan" }).inputValue()).toBe("100");
  await expect
    .poll(() => other.getByRole("button", { name: "Blink" }).getAttribute("aria-pressed"))
    .toBe("true");
  await other.getByRole("button", { name: "1 day" }).click();
  const past = other.getByRole("img", { name: /^Humidity over time: \d.* %$/ });
  await expect.poll(() => past.count()).toBe(1);
  expect(await other.getByRole("alert").count()).toBe(0);
});

walk("Arm: it goes where a slider says, all see it, and the stop stops it", async ({ rig }) => {
  const server = await rig.demo("--www", EXAMPLES);
  const page = await open(rig, server, "/arm/?port=arm");
  const other = await open(rig, server, "/arm/?port=arm", PHONE);
  const at = (page: Page, words: string | RegExp) =>
    expect.poll(() => page.getByRole("img").getAttribute("aria-label")).toMatch(words);
  const is = (page: Page, words: string) =>
    expect.poll(() => page.getByRole("status").allTextContents()).toContain(words);
  await at(page, "Base 90 °, Shoulder 90 °");
  await at(other, "Base 90 °, Shoulder 90 °");
  await fits(other);

  const grip = page.getByRole("slider", { name: "Grip" });
  await grip.focus();
  for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowRight");
  for (const each of [page, other]) await at(each, "Grip 5 %");
  await expect.poll(() => other.getByRole("slider", { name: "Grip" }).inputValue()).toBe("5");

  // A second and a half on its way.
  await page.getByRole("slider", { name: "Base" }).focus();
  await page.keyboard.press("Home");
  await is(other, "moving");
  await other.getByRole("button", { name: /Stop/ }).tap();
  for (const each of [page, other]) await is(each, "at rest");
  expect(await page.getByRole("img").getAttribute("aria-label")).not.toMatch("Base 0 °");

  await page.getByRole("button", { name: "Carry a box" }).click();
  await is(page, "moving");
  const end = page.getByRole("button", { name: "End the sequence" });
  await expect.poll(() => end.count()).toBe(1);
  await page.keyboard.press("Escape");
  await expect.poll(() => end.count()).toBe(0);
  await is(page, "at rest");

  await page.getByRole("button", { name: "Home" }).click();
  await at(page, "Base 90 °, Shoulder 90 °, Elbow 90 °, Grip 0 %");
});

walk("A new page works as it is made, and follows its files", async ({ rig }) => {
  const www = join(rig.folder, "mine");
  execFileSync(program(), ["new-page", www, "--port", "sensor"]);
  const server = await rig.demo("--www", www);
  const page = await open(rig, server, "/", PHONE);
  await expect.poll(() => page.locator("#values").textContent()).toMatch(/temp\d/);
  await expect.poll(() => page.locator("#log").textContent()).toMatch(/temp:/);
  await fits(page);
  await page.getByRole("textbox").fill("led on");
  await page.getByRole("button", { name: "Send" }).click();
  await expect.poll(() => page.locator("#log").textContent()).toContain("ok: led on");

  // Another style leaves what is on the page; anything else begins it anew.
  await page.evaluate(() => Object.assign(window, { mark: true }));
  const isMarked = () => page.evaluate(() => "mark" in window);
  appendFileSync(join(www, "style.css"), "\nh1 { color: rgb(1, 2, 3); }\n");
  const colour = () => page.locator("h1").evaluate((h1) => getComputedStyle(h1).color);
  await expect.poll(colour).toBe("rgb(1, 2, 3)");
  expect(await isMarked()).toBe(true);
  appendFileSync(join(www, "main.js"), "\nelement('name').dataset.is = 'new';\n");
  await expect.poll(() => page.locator("[data-is=new]").count()).toBe(1);
  expect(await isMarked()).toBe(false);
});

walk(
  "A page for a port is a tab of it as soon as it is there, and has no hold of a console that it opens",
  async ({ rig }) => {
    const www = join(rig.folder, "www");
    mkdirSync(join(www, "board"), { recursive: true });
    const device = await rig.device("sensor");
    const server = await rig.serve(`other=${device.path}`, "--www", www);
    const console = await (await rig.visitor()).open(server.page("other"));
    const tab = console.page.getByRole("button", { name: "The board", exact: true });
    await console.sees(/temp:/);
    expect(await tab.count()).toBe(0);

    writeFileSync(
      join(www, "board/index.html"),
      `<!doctype html><title>Board</title><link rel="icon" href="data:,"><p></p><script type="module">
       import { connect } from "/sdk.js";
       const port = connect().port();
       for await (const { text } of port.lines()) document.querySelector("p").textContent = port.name + " " + text;
     </script>`,
    );
    writeFileSync(
      join(www, "board/page.json"),
      JSON.stringify({ title: "The board", for: { port: "oth*" } }),
    );
    await tab.click();
    const frame = console.page.frameLocator("iframe");
    await expect.poll(() => frame.locator("p").textContent()).toMatch(/^other temp:/);

    const alone = await open(rig, server, "/board/?port=other");
    const opened = alone.context().waitForEvent("page");
    await alone.evaluate(() => Object.assign(window, { hold: window.open("/console/") }));
    await alone.waitForFunction(() => (window as unknown as { hold: Window }).hold.closed);
    await expect
      .poll(async () => (await opened).getByRole("navigation").count())
      .toBeGreaterThan(0);
  },
);
