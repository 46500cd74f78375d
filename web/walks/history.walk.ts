// Looking back: the timeline, search over all ports, marks, replay, and saving a stretch.

import { readFile } from "node:fs/promises";
import { setTimeout as pass } from "node:timers/promises";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { walk } from "./rig/walk.ts";

const NUMBERED = Array.from({ length: 3000 }, (_, n) => `line ${String(n).padStart(4, "0")}`);
/** A silence between two things that are said. */
const SILENCE_MS = 2500;

const timeline = (console: ConsolePage) =>
  console.page.getByRole("slider", { name: "Moment in view" });

const replayed = (console: ConsolePage) => {
  const player = console.page.getByRole("region", { name: /^Replay of/ });
  const screen = async () => {
    const rows = await player.locator(".xterm-rows > div").allTextContents();
    return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
  };
  return { player, screen };
};

walk("A click on the timeline goes to that moment, another to the present", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say(`${NUMBERED.join("\r\n")}\r\n`);
  await console.reads("line 2999");
  const strip = timeline(console);
  const { width = 0, height = 0 } = (await strip.boundingBox()) ?? {};
  const seen = () => strip.getAttribute("aria-valuetext");
  const past = async () => {
    await console.reads("line 0000");
    await expect.poll(seen).not.toBe("the present");
  };
  const present = async () => {
    await console.reads("line 2999");
    await expect.poll(seen).toBe("the present");
  };
  await present();

  await strip.click({ position: { x: width * 0.1, y: height / 2 } });
  await past();
  await strip.click({ position: { x: width - 1, y: height / 2 } });
  await present();

  await strip.press("Home");
  await past();
  await strip.press("End");
  await present();
});

walk("A search over all ports finds the place, and Enter goes there", async ({ rig }) => {
  const board = await rig.pty();
  const other = await rig.pty();
  const server = await rig.serve(`board=${board.path}`, `other=${other.path}`);
  const visitor = await rig.visitor();
  visitor.expect(/status of 400/);
  const console = await visitor.open(server.page("board", "lines"));
  await board.say("nothing to see here\r\n");
  await other.say("before\r\na needle in the hay\r\nafter\r\n");
  await console.reads("nothing to see");

  await console.page.keyboard.press("Control+Shift+H");
  const field = console.page.getByRole("combobox", { name: /^Search everything/ });
  await field.fill("NEEDLE");
  const results = console.page.getByRole("listbox", { name: "What was found" });
  await expect.poll(() => results.getByRole("option").allInnerTexts()).toHaveLength(1);
  expect(await results.textContent()).toContain("a needle in the hay");
  await field.press("ArrowDown");
  await field.press("Enter");
  await expect.poll(() => console.page.url()).toContain("#/port/other");
  await console.reads("a needle in the hay");

  await console.button("Regular expression").click();
  await field.fill("(unclosed");
  await expect
    .poll(() => console.page.getByRole("alert").allInnerTexts())
    .toContainEqual(expect.stringMatching(/unclosed|paren|group/));
});

walk("A mark that one sets is there for everybody", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const anna = await (await rig.visitor()).open(server.page("board", "lines"));
  const ben = await (await rig.visitor()).open(server.page("board", "lines"));
  await anna.introduce("Anna");
  await pty.say("before\r\n");
  await anna.reads("before");

  await anna.lines.focus();
  await anna.page.keyboard.press("m");
  await anna.page.getByRole("dialog").getByRole("textbox").fill("test 7 begins");
  await anna.page.keyboard.press("Enter");
  await ben.reads("test 7 begins");

  await ben.button("Look back").click();
  await ben.button("Marks").click();
  const marks = ben.page.getByRole("list", { name: "Marks of board" });
  await expect.poll(() => marks.textContent()).toMatch(/test 7 begins[\s\S]*by Anna/);
  await ben.button("Copy the link to “test 7 begins”").click();
  const link = await ben.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#/port/board?");
});

walk("A replay keeps the time, and types nothing into the device", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board", "lines"));
  await pty.say("first\r\n");
  await console.reads("first");
  await pass(SILENCE_MS);
  await pty.say("where is the cursor? \u001b[6n\r\nsecond\r\n");
  await console.reads("second");
  expect(pty.received.toString()).toBe("");

  await console.button("Look back").click();
  await console.button("Replay from here").click();
  const { player, screen } = replayed(console);
  await expect.poll(screen).toMatch("first");
  await player.getByRole("button", { name: "Pause" }).click();
  expect(await screen()).not.toMatch("second");
  await console.page.keyboard.type("typed-into-a-replay");
  await pass(SILENCE_MS);
  expect(await screen()).not.toMatch("second");

  await player.getByRole("combobox", { name: "Speed" }).selectOption({ label: "64×" });
  await player.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(screen).toMatch("second");
  await player.getByText("at the end").waitFor();
  await player.getByRole("slider", { name: "Place in the replay" }).press("Home");
  await expect.poll(screen).not.toMatch("second");

  await player.getByRole("button", { name: "Back to the live view" }).click();
  await console.reads("second");
  expect(pty.received.toString()).toBe("");
});

walk(
  "A stretch of time is saved as a table, and all as a terminal's recording",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const visitor = await rig.visitor();
    await visitor.context.addInitScript(() =>
      Object.defineProperty(window, "showSaveFilePicker", { value: undefined }),
    );
    const console = await visitor.open(server.page("board", "lines"));
    await pty.say("too early\r\n");
    await console.reads("too early");
    await pass(SILENCE_MS);
    const from = await console.page.evaluate(() => {
      const local = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000);
      return local.toISOString().slice(0, 19);
    });
    await pty.say("wanted\r\n");
    await console.reads("wanted");

    const saved = async (format: string, since?: string) => {
      await console.button("Copy and save").click();
      await console.button("Save as a file…").click();
      const dialog = console.page.getByRole("dialog", { name: "Save board as a file" });
      await dialog.getByText(format, { exact: true }).click();
      if (since !== undefined) {
        await dialog.getByText("A stretch of time").click();
        await dialog.getByLabel("From", { exact: true }).fill(since);
      }
      const download = console.page.waitForEvent("download");
      await dialog.getByRole("button", { name: "Save", exact: true }).click();
      const file = await download;
      return { name: file.suggestedFilename(), text: String(await readFile(await file.path())) };
    };

    const table = await saved("CSV", from);
    expect(table.name).toMatch(/^board_.*\.csv$/);
    expect(table.text).toContain("wanted");
    expect(table.text).not.toContain("too early");
    const cast = await saved("asciicast");
    expect(cast.name).toMatch(/^board_.*\.cast$/);
    const [header = "", ...events] = cast.text.trim().split("\n");
    expect(JSON.parse(header)).toMatchObject({ version: 2 });
    const shown = events.map((event) => JSON.parse(event)).filter(([, what]) => what === "o");
    expect(shown.map(([, , text]) => text).join("")).toContain("too early\r\nwanted\r\n");
  },
);
