// Without a mouse and without eyes: names for everything, the keyboard for everything, and no motion where none is wanted.

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { PlotPage } from "./rig/plot-page.ts";
import { walk } from "./rig/walk.ts";

const INTERACTIVE = new Set(
  "button checkbox combobox link listbox menuitem option radio searchbox slider spinbutton switch tab textbox".split(
    " ",
  ),
);

/** The roles of what can be operated and has no name in the browser's accessibility tree. */
async function nameless(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  return nodes
    .filter(({ ignored, role }) => !ignored && INTERACTIVE.has(role?.value))
    .filter(({ name }) => !String(name?.value ?? "").trim())
    .map(({ role, nodeId }) => `${role?.value} ${nodeId}`);
}

walk("Everything that can be operated has a name", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("sensor"));
  await console.sees(/temp:/);
  const { page } = console;
  const plot = new PlotPage(page);
  const states: Record<string, () => Promise<unknown>> = {
    "the page": async () => {},
    "the terminal's menu": () => console.button("More about the terminal").click(),
    "the watchers": () => console.button(/watching$/).click(),
    "the sheet of what can be saved": () => console.button("Copy and save").click(),
    "people and access": async () => {
      await console.button("People and access").click();
      await console.button("Make the first account").click();
    },
    "the palette": () => page.keyboard.press("Control+K"),
    "the shortcuts": () => page.keyboard.press("?"),
    "the file's dialog": () => console.button("Send a file").click(),
    "the lines": () => console.show("Lines"),
    "the search": () => page.keyboard.press("Control+Shift+F"),
    "the hex": () => console.show("Hex"),
    "the plot": async () => {
      await page.keyboard.press("Alt+0");
      await plot.button("Table of figures").click();
    },
    "the plot's series and axes": () => plot.button("Series and axes").click(),
    "the plot's ways of finding values": () => plot.button("How values are found").click(),
  };
  for (const [state, enter] of Object.entries(states)) {
    await console.message.focus();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await enter();
    expect(await nameless(page), state).toEqual([]);
    if (state !== "the search") await page.keyboard.press("Escape");
  }
});

walk("The keyboard alone finds commands, switches ports and sends", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("imu", "hex"));
  const { keyboard } = console.page;
  await expect.poll(() => console.port("sensor").count()).toBe(1);
  await choose(console, "sensor");
  await expect.poll(() => console.page.url()).toContain("#/port/sensor");
  await choose(console, "terminal");
  await console.sees(/temp:/);

  await keyboard.press("Control+Shift+E");
  await keyboard.type("led blink");
  await keyboard.press("Enter");
  await console.sees("ok: led blink");

  for (const next of ["arm", "linux"]) {
    await keyboard.press("Alt+ArrowDown");
    await expect.poll(() => console.page.url()).toContain(`#/port/${next}`);
  }
  await console.sees(/demo login:/);
  await keyboard.press("Alt+2");
  await console.reads("Reached the login prompt");
  for (const next of ["arm", "sensor"]) {
    await keyboard.press("Alt+ArrowUp");
    await expect.poll(() => console.page.url()).toContain(`#/port/${next}`);
  }
  await console.reads("ok: led blink");
});

/** Runs a command of the palette by some of its letters. */
async function choose(console: ConsolePage, letters: string): Promise<void> {
  const { keyboard } = console.page;
  await keyboard.press("Control+K");
  await console.page.getByRole("combobox", { name: "Command" }).waitFor();
  await keyboard.type(letters);
  await keyboard.press("Enter");
}

walk("With text twice as large everything is there still", async ({ rig }) => {
  const server = await rig.demo();
  // What is left of 1280 by 800.
  const large = await rig.visitor({ viewport: { width: 640, height: 400 } });
  const console = await large.open(server.page("sensor"));
  await console.sees(/temp:/);
  await console.show("Lines");
  await console.reads(/temp:/);
  await console.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await console.page.keyboard.press("?");
  const dialog = console.page.getByRole("dialog", { name: "Keyboard shortcuts" });
  const { top, bottom } = await edges(dialog);
  for (const part of [dialog.getByRole("heading"), dialog.getByRole("button", { name: "Close" })]) {
    const seen = await edges(part);
    expect(seen.top).toBeGreaterThan(top);
    expect(seen.bottom).toBeLessThan(bottom);
  }
});

async function edges(of: Locator): Promise<{ top: number; bottom: number }> {
  return of.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return { top, bottom };
  });
}

walk("Nothing moves for those who want no motion", async ({ rig }) => {
  const server = await rig.demo();
  const still = await rig.visitor({ reducedMotion: "reduce" });
  const console = await still.open(server.page("sensor"));
  await console.sees(/temp:/);
  const moving = () => console.page.evaluate(motions);
  await console.button("Release").click();
  expect(await moving()).toEqual([]);
  await console.button("Take back").click();
  await console.send("led on");
  await console.sees("ok: led on");
  expect(await moving()).toEqual([]);
});

/** The names of the page's animations that do more than fade once. */
function motions(): string[] {
  const fade = new Set(["opacity", "offset", "computedOffset", "easing", "composite"]);
  return document
    .getAnimations()
    .filter(({ effect }) => {
      const frames = effect instanceof KeyframeEffect ? effect.getKeyframes() : [];
      const moves = frames.some((frame) => Object.keys(frame).some((key) => !fade.has(key)));
      const { duration, iterations } = effect?.getComputedTiming() ?? {};
      return Number(duration) > 10 && (moves || iterations === Number.POSITIVE_INFINITY);
    })
    .map((animation) => (animation as CSSAnimation).animationName ?? "a transition");
}
