// The plot: live beside the bytes, with the past, from a point to its line and back, and out of the page as files.

import { readFile } from "node:fs/promises";
import type { Download } from "playwright-core";
import { expect } from "vitest";
import { PlotPage } from "./rig/plot-page.ts";
import { walk } from "./rig/walk.ts";

walk("Numbers are plotted live beside the lines, with nothing set up", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("sensor", "lines"));
  const plot = new PlotPage(console.page);
  await plot.open();
  await expect.poll(() => plot.series()).toEqual(["hum", "light", "temp"]);
  await console.reads(/temp:/);
  await expect.poll(() => plot.value("temp")).toMatch(/^\d+(\.\d)?$/);
  // It moves with the present.
  const before = await plot.curves();
  await expect.poll(() => plot.curves()).not.toBe(before);
  await plot.button("Hold the plot").click();
  const another = async () => {
    const last = (await console.rows()).at(-1);
    await expect.poll(async () => (await console.rows()).at(-1)).not.toBe(last);
  };
  // What had come is drawn with the next frame.
  let held = await plot.curves();
  const isStill = async () => {
    const before = held;
    held = await plot.curves();
    return held === before;
  };
  await expect.poll(isStill).toBe(true);
  await another();
  expect(await plot.curves()).toBe(held);
  await plot.button("Live").click();
  await expect.poll(() => plot.curves()).not.toBe(held);
});

walk("A plot has what came before it was opened, and after a reload", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  for (const value of [20, 21.5, 19]) await pty.say(`t: ${value} C\r\n`);
  await console.reads(/t: 19 C$/m);
  const plot = new PlotPage(console.page);
  await plot.open();
  await plot.button("Table of figures").click();
  await expect.poll(() => plot.figures("t")).toMatch(/^19 19 21\.5 2\.5/);
  await console.page.reload();
  // It is open as it was left.
  await expect.poll(() => plot.figures("t")).toMatch(/^19 19 21\.5 2\.5/);
});

walk(
  "A spike of one line among many thousands is there however much time is shown",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "lines"));
    const quiet = "v=1\r\n".repeat(10_000);
    await pty.say(`${quiet}v=777\r\n${quiet}end of it\r\n`);
    await console.reads(/end of it$/m);
    const plot = new PlotPage(console.page);
    await plot.open();
    await plot.button("Table of figures").click();
    for (const time of ["1 min", "1 hour", "1 day"]) {
      await plot.show(time);
      await expect.poll(() => plot.figures("v")).toMatch(/^1 1 777 776/);
    }
  },
);

walk(
  "A click on a point goes to its line, and a line that is chosen to its point",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "lines"));
    await pty.say("v=5\r\n");
    await console.reads(/v=5$/m);
    // Values that came at almost the same time are one point.
    const later = Date.now() + 1000;
    await expect.poll(() => Date.now()).toBeGreaterThan(later);
    await pty.say("just words\r\n".repeat(300));
    await pty.say("v=6\r\nthe last one\r\n");
    await console.reads(/the last one$/m);
    const plot = new PlotPage(console.page);
    await plot.open();
    await plot.show("10 s");
    await expect.poll(() => plot.series()).toEqual(["v"]);
    // The keys go from value to value, as the pointer does.
    await plot.button("Hold the plot").click();
    await plot.area.press("ArrowLeft");
    await plot.area.press("ArrowLeft");
    await expect.poll(() => plot.value("v")).toBe("5");
    await plot.area.press("Enter");
    const chosen = console.lines.getByRole("option", { selected: true });
    await expect.poll(() => chosen.textContent()).toMatch(/v=5\s*$/);

    await console.lines.press("End");
    const last = console.lines.getByRole("option").filter({ hasText: "v=6" });
    await last.locator("[data-edge]").first().click();
    await expect.poll(() => plot.value("v")).toBe("6");
  },
);

walk("Another way of finding values plots the past anew", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const visitor = await rig.visitor();
  // The browser's own line about an expression that was refused.
  visitor.expect(/400 \(Bad Request\)/);
  const console = await visitor.open(server.page("board", "lines"));
  await pty.say("got <17> and <4>\r\ngot <18> and <5>\r\n");
  await console.reads(/got <18> and <5>$/m);
  const plot = new PlotPage(console.page);
  await plot.open();
  await expect.poll(() => plot.notice()).toContain("Nothing to plot yet");
  await plot.button("How values are found").click();
  const form = console.page.getByRole("form", { name: "How values are found" });
  await form.getByLabel("Way of finding values").selectOption("Expression");
  await form.getByLabel("Regular expression").fill("<(?<a>\\d+)> and <(?<b>");
  await expect.poll(() => form.getByRole("status").textContent()).toMatch(/\S/);
  await expect.poll(() => form.getByRole("button", { name: "Use" }).isEnabled()).toBe(false);
  await form.getByLabel("Regular expression").fill("<(?<a>\\d+)> and <(?<b>\\d+)>");
  await expect
    .poll(() => form.getByRole("status").textContent())
    .toMatch(/2 readings: a 18 · b 5$/);
  await form.getByRole("button", { name: "Use" }).click();
  await plot.button("Table of figures").click();
  await expect.poll(() => plot.figures("a")).toMatch(/^18 17 18 1/);
  await expect.poll(() => plot.figures("b")).toMatch(/^5 4 5 1/);
});

walk("What is seen can be taken away as a picture, as lines and as readings", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say('{"a<b>": 1.5, "c": 2}\r\n{"a<b>": 2.5, "c": 3}\r\n');
  await console.reads(/"c": 3\}$/m);
  const plot = new PlotPage(console.page);
  await plot.open();
  await expect.poll(() => plot.series()).toEqual(["a<b>", "c"]);

  const png = await contentOf(await plot.save("PNG picture"));
  expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  expect(png.readUInt32BE(16)).toBeGreaterThan(400);
  const svg = String(await contentOf(await plot.save("SVG drawing")));
  const texts = await console.page.evaluate((text) => {
    const drawing = new DOMParser().parseFromString(text, "image/svg+xml");
    return [...drawing.querySelectorAll("text")].map((each) => each.textContent);
  }, svg);
  expect(texts).toContain("a<b>");
  expect(texts.some((text) => text?.startsWith("board, 20"))).toBe(true);
  await plot.legend("c").click();
  const csv = String(await contentOf(await plot.save("CSV of every reading")));
  expect(
    csv
      .trim()
      .split(/\r?\n/)
      .map((row) => row.split(",").slice(2).join()),
  ).toEqual(["a<b>", "1.5", "2.5"]);
});

walk(
  "Whatever a device calls its values is text, and so many of them are bounded",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "lines"));
    const hostile = '<img src=x onerror="document.title=1">';
    const plot = new PlotPage(console.page);
    await plot.open();
    await pty.say(`${JSON.stringify({ [hostile]: 1, __proto__x: 2 })}\r\n`);
    await expect.poll(() => plot.series()).toContain(hostile);
    for (let at = 0; at < 300; at++) await pty.say(`{"series ${at}": ${at}, "nan": "NaN"}\r\n`);
    await pty.say("the last one\r\n");
    await console.reads(/the last one$/m);
    await expect.poll(async () => (await plot.series()).length).toBeGreaterThan(20);
    expect((await plot.series()).length).toBeLessThan(40);
    expect(await console.page.title()).not.toBe("1");
  },
);

walk("On a phone the plot shares the height, and can have all of it", async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const console = await visitor.open(server.page("sensor", "lines"));
  const plot = new PlotPage(console.page);
  await plot.open();
  await expect.poll(() => plot.series()).toContain("temp");
  const height = async () => (await plot.pane.boundingBox())?.height ?? 0;
  expect(await height()).toBeLessThan(500);
  expect(await console.lines.isVisible()).toBe(true);
  await plot.button("Give the plot all the room").click();
  await expect.poll(height).toBeGreaterThan(500);
  expect(await console.lines.isVisible()).toBe(false);
  const wide = await console.page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
});

async function contentOf(download: Download): Promise<Buffer> {
  return readFile(await download.path());
}
