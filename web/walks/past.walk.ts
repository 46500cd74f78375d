// The views' way into the past: far behind what the page first loaded, to a time, and by a link.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { walk } from "./rig/walk.ts";

const COUNT = 100_000;
const PIECE = 2_000;
const PATIENCE = { timeout: 60_000, interval: 30 };
const line = (n: number) => `line ${String(n).padStart(6, "0")} of the test`;

/** Says numbered lines, as fast as they are taken. */
async function count(pty: { say(text: string): Promise<void> }, to = COUNT): Promise<void> {
  for (let from = 0; from < to; from += PIECE) {
    const lines = Array.from({ length: PIECE }, (_, n) => line(from + n));
    await pty.say(`${lines.join("\r\n")}\r\n`);
  }
}

/** The numbers of the lines in sight, which must follow each other. */
async function numbers(texts: Promise<string[] | string>): Promise<number[]> {
  const text = [await texts].flat().join("\n");
  const found = [...text.matchAll(/line (\d{6})/g)].map((match) => Number(match[1]));
  expect(found).toEqual(found.map((_, n) => (found[0] ?? 0) + n));
  return found;
}

/** Turns the wheel, or pages, until a line is in sight; what is seen on the way must be whole. */
async function turnTo(
  console: ConsolePage,
  wanted: number,
  texts: () => Promise<string[] | string>,
  byPages = false,
): Promise<void> {
  const step = async () => {
    const seen = await numbers(texts());
    if (seen.includes(wanted)) return wanted;
    const rows = Math.max(-2_000, Math.min(2_000, wanted - (seen[0] ?? 0)));
    if (!byPages) await console.page.mouse.wheel(0, rows * 18);
    const key = rows < 0 ? "Shift+PageUp" : "Shift+PageDown";
    for (let left = Math.abs(rows); byPages && left > 0; left -= seen.length)
      await console.page.keyboard.press(key);
    return seen[0];
  };
  await expect.poll(step, PATIENCE).toBe(wanted);
}

walk(
  "The lines go back to the first that was ever said, and on to the last",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "lines"));
    await count(pty);
    await console.reads(line(COUNT - 1));
    await console.page.reload();
    await console.reads(line(COUNT - 1));

    await console.lines.hover();
    for (const wanted of [70_000, 40_000, 12_345])
      await turnTo(console, wanted, () => console.rows());
    await console.lines.press("Home");
    await expect.poll(() => numbers(console.rows())).toContain(0);
    await pty.say("and more\r\n");
    await turnTo(console, 30_000, () => console.rows());
    await console.button(/^Back to live/).click();
    await console.reads("and more");
    await pty.say("and still more\r\n");
    await console.reads("and still more");
  },
  240_000,
);

walk(
  "The hex view goes back as well",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "hex"));
    await count(pty);
    const top = async () =>
      Number.parseInt((await console.topRow(console.hex)).slice(0, 9).replace(" ", ""), 16);
    await expect.poll(top).toBeGreaterThan(2_000_000);
    await console.hex.hover();
    const up = async () => {
      await console.page.mouse.wheel(0, -30_000);
      return top();
    };
    await expect.poll(up, PATIENCE).toBeLessThan(500_000);
    const [first = ""] = (await console.rows(console.hex)).filter((row) =>
      row.includes("of the test"),
    );
    expect(first).toMatch(/^[0-9a-f]{4} [0-9a-f]{4} /);
  },
  240_000,
);

walk(
  "The terminal goes back above its own top",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "terminal"));
    await count(pty);
    await console.sees(line(COUNT - 1));
    await console.terminal.getByRole("textbox").focus();
    for (const wanted of [80_000, 70_000, 75_000])
      await turnTo(console, wanted, () => console.screen(), true);
    await pty.say("and more\r\n");
    await console.button(/^Back to live/).click();
    await console.sees("and more");
  },
  240_000,
);

walk(
  "A link leads to its line, in each view and in another browser",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "lines"));
    await count(pty);
    await console.reads(line(COUNT - 1));
    await console.lines.hover();
    await turnTo(console, 90_000, () => console.rows());
    const row = console.lines.getByRole("option").filter({ hasText: line(90_000) });
    await row.hover();
    await row.locator(".link").click();
    const copied = () => console.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toMatch(/#\/port\/board\?at=\d+&j=\d+&view=lines$/);
    const link = await copied();

    const other = await (await rig.visitor()).open(link);
    await other.reads(line(90_000));
    const chosen = other.lines.locator("[aria-selected=true]");
    await expect
      .poll(() => chosen.allInnerTexts())
      .toEqual([expect.stringContaining(line(90_000))]);
    await other.show("Hex");
    await expect.poll(() => other.hex.locator("mark").first().textContent()).toBe("6c");
    await other.show("Terminal");
    await other.sees(line(90_000));
    await other.button(/^Back to live/).click();
    await other.sees(line(COUNT - 1));
    expect(other.page.url()).not.toContain("at=");

    const wrong = await (await rig.visitor()).open(link.replace(/j=\d+/, "j=1"));
    await wrong.page.getByText("another recording of board").waitFor();
  },
  240_000,
);

walk(
  "One goes to a time, in words",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const console = await (await rig.visitor()).open(server.page("board", "lines"));
    await count(pty, 60_000);
    await console.reads(line(59_999));
    await console.page.keyboard.press("Control+Shift+G");
    const dialog = console.page.getByRole("dialog", { name: "Go to a time" });
    const when = dialog.getByRole("textbox", { name: "When" });
    await when.fill("apples");
    await dialog.getByRole("button", { name: "Go there" }).click();
    await expect.poll(() => dialog.getByRole("status").textContent()).toContain("apples");
    await when.fill("1 h ago");
    await dialog.getByRole("button", { name: "Go there" }).click();
    await expect.poll(() => numbers(console.rows())).toContain(0);
    const place = console.page.getByRole("toolbar", { name: "The place in view" });
    await expect
      .poll(() => place.locator("time").textContent())
      .toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  },
  120_000,
);

walk(
  "On a phone one goes back with the finger",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const console = await (await rig.visitor(phone)).open(server.page("board", "lines"));
    await count(pty);
    await console.reads(line(COUNT - 1));
    const drag = async () => {
      await console.lines.evaluate((list) => {
        list.scrollTop -= 20_000;
      });
      return Math.min(...(await numbers(console.rows())));
    };
    await expect.poll(drag, PATIENCE).toBeLessThan(50_000);
    expect(await console.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await console.button(/^Back to live/).tap();
    await console.reads(line(COUNT - 1));
  },
  120_000,
);
