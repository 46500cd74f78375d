// A million lines as fast as they come: the page answers all the while, and keeps to its memory.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { walk } from "./rig/walk.ts";

const LINES = 1_000_000;
const BATCH = 10_000;
const LONGEST_FRAME_MS = 1000;
// What the page may keep of a port, and as much again for the terminal and the views.
const MOST_HEAP = 256 * 1024 * 1024;

/** Measures in the page the longest time without a frame. */
async function watchFrames(console: ConsolePage): Promise<() => Promise<number>> {
  await console.page.evaluate(() => {
    let last = performance.now();
    const frames = { longest: 0 };
    const frame = (now: number) => {
      frames.longest = Math.max(frames.longest, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(window, { frames });
  });
  return () =>
    console.page.evaluate(
      () => (window as unknown as { frames: { longest: number } }).frames.longest,
    );
}

async function heap(console: ConsolePage): Promise<number> {
  const session = await console.page.context().newCDPSession(console.page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

for (const view of ["Terminal", "Lines"] as const) {
  walk(`A million lines pass through the view ${view}, and the page answers`, async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}@4000000`);
    const console = await (await rig.visitor()).open(server.page("board"));
    await console.show(view);
    await pty.say("ready\r\n");
    const longestFrame = await watchFrames(console);

    for (let first = 0; first < LINES; first += BATCH) {
      const lines = Array.from({ length: BATCH }, (_, n) => `${first + n + 1}\r\n`);
      await pty.say(lines.join(""));
      expect(await longestFrame()).toBeLessThan(LONGEST_FRAME_MS);
    }
    if (view === "Terminal") await console.sees(/^1000000$/m);
    else await console.reads(/ 1000000$/m);

    expect(await longestFrame()).toBeLessThan(LONGEST_FRAME_MS);
    expect(await heap(console)).toBeLessThan(MOST_HEAP);
    await console.send("still here");
    await expect.poll(() => pty.received.toString()).toBe("still here\n");
  });
}
