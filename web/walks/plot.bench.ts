// What a live plot costs a browser, and how fast the past is plotted anew: `npm run bench` in web/, with a release build.
// BENCH_SECONDS says how long the live plot runs (60 unless told), BENCH_MEGABYTES how much is plotted anew (100).

import { expect } from "vitest";
import type { Pty } from "./rig/device.ts";
import { PlotPage } from "./rig/plot-page.ts";
import { walk } from "./rig/walk.ts";

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const MEGABYTES = Number(process.env.BENCH_MEGABYTES ?? 100);
const SERIES = 16;
const RATE = 1000;
const BURST_MS = 10;
const SAMPLES = 10;
/** The page's own copy of the bytes grows until it is full; the plot's memory is what is measured. */
const MOST_GROWTH_MB = 8;

walk(`${SERIES} series at ${RATE} Hz`, { timeout: (SECONDS + 120) * 1000 }, async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const visitor = await rig.visitor({ viewport: { width: 1440, height: 900 } });
  const { page } = await visitor.open(server.page("board", "terminal"));
  const plot = new PlotPage(page);
  const stop = chatter(pty);
  await plot.open();
  await plot.show("10 s");
  await expect.poll(async () => (await plot.series()).length).toBe(SERIES);
  const browser = await visitor.context.newCDPSession(page);
  const heap = async () => {
    await browser.send("HeapProfiler.collectGarbage");
    const { usedSize } = await browser.send("Runtime.getHeapUsage");
    return usedSize / 1e6;
  };
  const table: { seconds: number; frames: number; heap: number }[] = [];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const frames = await page.evaluate(framesPerSecond, (SECONDS * 1000) / SAMPLES);
    table.push({
      seconds: Math.round((sample * SECONDS) / SAMPLES),
      frames: Math.round(frames),
      heap: Math.round((await heap()) * 10) / 10,
    });
  }
  await stop();
  console.table(table);
  const heaps = table.map(({ heap }) => heap);
  expect((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)).toBeLessThan(MOST_GROWTH_MB);
});

walk(`${MEGABYTES} MB plotted anew`, { timeout: 600_000 }, async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const block = Array.from({ length: 10_000 }, (_, at) => lineAt(at)).join("");
  for (let sent = 0; sent < MEGABYTES * 1e6; sent += block.length) await pty.say(block);
  await pty.say("that was all\r\n");
  const visitor = await rig.visitor();
  const board = await visitor.open(server.page("board", "lines"));
  await expect
    .poll(async () => (await board.rows()).join("\n"), { timeout: 300_000 })
    .toMatch(/that was all$/m);
  const { page } = board;
  const plot = new PlotPage(page);
  await plot.open();
  await plot.show("1 hour");
  const took: number[] = [];
  for (const time of ["1 day", "1 hour", "1 day"]) {
    const answered = page.waitForResponse((response) => response.url().includes("/values?"), {
      timeout: 120_000,
    });
    const begun = performance.now();
    await plot.show(time);
    await (await answered).finished();
    await expect.poll(() => plot.series().then(({ length }) => length)).toBe(SERIES);
    took.push(Math.round(performance.now() - begun));
  }
  console.table({ MB: MEGABYTES, ms: took.join(", ") });
});

/** Runs in the page: how often it is drawn, over so many milliseconds. */
function framesPerSecond(length: number): Promise<number> {
  return new Promise((done) => {
    const begun = performance.now();
    let frames = 0;
    const tick = () => {
      frames++;
      const passed = performance.now() - begun;
      if (passed < length) requestAnimationFrame(tick);
      else done((frames * 1000) / passed);
    };
    requestAnimationFrame(tick);
  });
}

function lineAt(sample: number): string {
  const values = Array.from({ length: SERIES }, (_, of) =>
    (10 * of + 4 * Math.sin(sample / (100 + 10 * of)) + Math.random()).toFixed(2),
  );
  return `${values.join(",")}\r\n`;
}

/** Lines at the rate until the answer is called. */
function chatter(pty: Pty): () => Promise<void> {
  const begun = performance.now();
  let sent = 0;
  let saying = Promise.resolve();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) * RATE) / 1000);
    let text = "";
    while (sent < due) text += lineAt(sent++);
    saying = saying.then(() => pty.say(text));
  }, BURST_MS);
  return async () => {
    clearInterval(timer);
    await saying;
  };
}
