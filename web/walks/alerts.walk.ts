// Triggers from the reader's side: a coloured line, a message that leads to it, and a notification for who looks elsewhere.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import type { Server } from "./rig/server.ts";
import { walk } from "./rig/walk.ts";

/** A trigger acts at most once in so many milliseconds: the least that is possible. */
const PAUSE = 100;

const PANEL = {
  seriald: 1,
  title: "Watch",
  for: { port: "board" },
  widgets: [],
  triggers: [
    {
      id: "hot",
      title: "Too hot",
      on: true,
      when: { pattern: "overheat (\\w+)" },
      do: [{ highlight: "bad" }, { notify: "look: {line}" }],
      every: PAUSE,
    },
  ],
};

async function watch(server: Server): Promise<void> {
  const address = new URL("api/v1/panels/watch", server.url);
  const response = await fetch(address, { method: "PUT", body: JSON.stringify(PANEL) });
  expect(response.status).toBeLessThan(300);
}

/** Waits until a trigger whose act was just seen may act again. */
async function rested(): Promise<void> {
  const seen = performance.now();
  await expect.poll(() => performance.now() - seen).toBeGreaterThan(PAUSE);
}

const row = (console: ConsolePage, text: string) =>
  console.lines.getByRole("option").filter({ hasText: text }).locator(".rx[data-tint=bad]").first();

walk("A trigger colours its line for everyone, and its message leads there", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  await watch(server);
  const [anna, berta] = [await rig.visitor(), await rig.visitor()];
  const first = await anna.open(server.page("board", "lines"));
  const second = await berta.open(server.page("board", "terminal"));
  await pty.say("all is well\n".repeat(5));
  await first.reads("all is well");
  await second.sees("all is well");
  await pty.say("overheat motor\n");
  await pty.say("all is well again\n".repeat(500));

  for (const console of [first, second]) {
    const message = console.page.getByRole("button", {
      name: "board: Too hot · look: overheat motor",
    });
    await message.waitFor();
  }
  await second.sees("all is well again");
  await first.button(/Too hot/).click();
  await row(first, "overheat motor").waitFor();
  // Who comes later sees it, too.
  await second.show("Lines");
  await second.button(/Too hot/).click();
  await row(second, "overheat motor").waitFor();
  expect(await first.lines.locator("[data-tint]").filter({ hasText: "well" }).count()).toBe(0);
});

walk("Who asked for it is notified by the browser while looking elsewhere", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  await watch(server);
  const visitor = await rig.visitor({ permissions: ["notifications"] });
  await visitor.context.addInitScript(() => {
    const told: string[] = [];
    class Told extends EventTarget {
      static permission = "granted";
      static requestPermission = async () => "granted";
      constructor(title: string, { body }: NotificationOptions) {
        super();
        told.push(`${title}: ${body}`);
      }
      close() {}
    }
    Object.assign(window, { told, Notification: Told });
  });
  const told = () => console.page.evaluate(() => (window as unknown as { told: string[] }).told);
  const console = await visitor.open(server.page("board", "lines"));
  await pty.say("overheat one\n");
  await console.button(/overheat one/).waitFor();
  expect(await told()).toEqual([]);

  await console.button("Notify me in this browser").click();
  await console.page.evaluate(() => {
    document.hasFocus = () => false;
  });
  await rested();
  await pty.say("overheat two\n");
  await expect.poll(told).toEqual(["board: Too hot: look: overheat two"]);
  await console.button("Do not notify me").click();
  await rested();
  await pty.say("overheat three\n");
  await console.button(/overheat three/).waitFor();
  expect((await told()).length).toBe(1);
});
