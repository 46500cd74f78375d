// The hex view of a fast binary stream: every byte by its offset, live.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

/** The offset that a row begins with. */
function offsetOf(row: string): number {
  return Number.parseInt(row.slice(0, 9).replace(" ", ""), 16);
}

walk("The hex view shows a binary stream as it comes", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("imu", "hex"));
  // Sixteen bytes a frame, sixteen bytes a row: the sync bytes stand below each other.
  await console.page.getByRole("combobox", { name: "Bytes in a row" }).selectOption("16 bytes");
  await expect.poll(() => console.topRow(console.hex)).toMatch(/^\w{4} \w{4} ?a5 5a /);
  const last = async () => (await console.rows(console.hex)).at(-1) ?? "";
  const offset = async () => offsetOf(await last());
  const before = await offset();
  await expect.poll(offset).toBeGreaterThan(before + 100_000);

  const pause = console.button("Pause the view");
  await pause.click();
  await expect.poll(() => pause.textContent()).toMatch(/\d.kB waiting/);
  const held = await offset();
  const waiting = await pause.textContent();
  await expect.poll(() => pause.textContent()).not.toBe(waiting);
  expect(await offset()).toBe(held);
  await pause.click();
  await expect.poll(offset).toBeGreaterThan(held);
});
