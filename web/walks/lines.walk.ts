// The lines view: times, filters, marks, bytes that are not text, and the place that one looks at.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

const NUMBERED = Array.from({ length: 3000 }, (_, n) => `line ${String(n).padStart(4, "0")}`);

walk("Each line's time is written as one chooses", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("sensor", "lines"));
  const times = console.page.getByRole("combobox", { name: "Times" });
  const shapes = {
    Clock: /^\d\d:\d\d:\d\d\.\d{3} temp:/m,
    "Since start": /^\d+\.\d{3} temp:/m,
    "Since line before": /^\+\d+\.\d{3} temp:/m,
    "Unix time": /^\d{10}\.\d{6} temp:/m,
    "No times": /^temp:/m,
  };
  for (const [name, shape] of Object.entries(shapes)) {
    await times.selectOption(name);
    await console.reads(shape);
  }
});

walk("A filter takes text or an expression, and says what is wrong with one", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say(`${NUMBERED.slice(0, 300).join("\r\n")}\r\n`);
  await console.page.getByRole("combobox", { name: "Times" }).selectOption("No times");
  await console.reads("line 0299");
  const filter = console.page.getByRole("textbox", { name: "Show only lines with" });

  await filter.fill("LINE 010");
  await expect.poll(() => console.rows()).toEqual(NUMBERED.slice(100, 110));
  await filter.fill("/ 00(05|17)$/");
  await expect.poll(() => console.rows()).toEqual(["line 0005", "line 0017"]);
  await pty.say("not this\r\nthis 0017\r\n");
  await expect.poll(() => console.rows()).toEqual(["line 0005", "line 0017", "this 0017"]);

  await filter.fill("/(/");
  const tools = console.page.getByRole("toolbar", { name: "Tools of the lines view" });
  await expect.poll(() => tools.getByRole("status").textContent()).toMatch(/unterminated group/i);
  await console.button("Remove the filter").click();
  await console.reads("not this");
});

walk("What is looked for is marked, and one steps through it", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say(`${NUMBERED.slice(0, 300).join("\r\n")}\r\n`);
  await console.reads("line 0299");

  await console.page.keyboard.press("Control+Shift+F");
  const search = console.page.getByRole("search", { name: "Find in this view" });
  await search.getByRole("textbox").fill("0042");
  await search.getByRole("textbox").press("Enter");
  await expect.poll(() => search.getByRole("status").textContent()).toBe("1 of 1");
  await expect.poll(() => console.lines.locator(".marked").allTextContents()).toEqual(["0042"]);
  await search.getByRole("textbox").press("Escape");
  await expect.poll(() => console.lines.locator(".marked").count()).toBe(0);
});

walk("Bytes that are not UTF-8 are shown as what they are", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("sensor", "lines"));
  await console.send("noise");
  await console.reads(/noise: \[80\] \[E282\] \[C0AF\]/);
  const bad = console.lines.getByTitle("byte 0x80: not UTF-8");
  expect(await bad.count()).toBeGreaterThan(0);
});

walk("Whoever looks at a place finds it in each view", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say(`${NUMBERED.join("\r\n")}\r\n`);
  await console.reads("line 2999");
  await console.page.keyboard.press("Control+Shift+F");
  const search = console.page.getByRole("search", { name: "Find in this view" });
  await search.getByRole("textbox").fill("line 1500");
  await search.getByRole("textbox").press("Enter");
  await expect.poll(() => console.topRow()).toMatch(/line 1[45]/);
  await search.getByRole("textbox").press("Escape");
  const place = lineIn(await console.topRow());
  const away = async (line: Promise<number>) => Math.abs((await line) - place);

  await console.show("Hex");
  await expect.poll(() => away(console.topRow(console.hex).then(lineAt))).toBeLessThan(12);
  await console.show("Terminal");
  await expect.poll(() => away(console.screen().then(lineIn))).toBeLessThan(3);
  await pty.say("one more\r\n");
  await console.show("Lines");
  await expect.poll(() => away(console.topRow().then(lineIn))).toBeLessThan(3);
  await console.button(/^Back to live/).click();
  await console.reads("one more");
});

walk("A terminal that is shown late draws every line once", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say(`${NUMBERED.join("\r\n")}\r\n`);
  await console.reads("line 2999");
  await console.show("Terminal");
  await console.sees("line 2999");
  await console.page.keyboard.press("Control+Shift+F");
  const search = console.page.getByRole("search", { name: "Find in this view" });
  await search.getByRole("textbox").fill("line 2042");
  await expect.poll(() => search.getByRole("status").textContent()).toBe("1 of 1");
});

/** The number of the first line in a text. */
function lineIn(text: string): number {
  return Number(/line (\d{4})/.exec(text)?.[1]);
}

/** The number of the line at the offset that a row of the hex view begins with. */
function lineAt(row: string): number {
  return Number.parseInt(row.slice(0, 9).replace(" ", ""), 16) / "line 0000\r\n".length;
}
