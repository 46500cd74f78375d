// The device comes and goes: released and taken back, unplugged and plugged in again, under everyone's eyes.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("A port is released for another program and taken back", async ({ rig }) => {
  const device = await rig.device("sensor");
  const server = await rig.serve(`sensor=${device.path}`);
  const console = await (await rig.visitor()).open(server.page("sensor"));
  await console.sees(/temp:/);

  await console.button("Release").click();
  await expect.poll(() => console.port("sensor").textContent()).toContain("Released");
  const notice = console.page.getByRole("region", { name: "Bytes of sensor" });
  await expect.poll(() => notice.textContent()).toContain("another program can have");
  expect(await console.sendButton.isDisabled()).toBe(true);

  await console.button("Take back").click();
  await expect.poll(() => console.port("sensor").textContent()).toMatch(/Open|B\/s/);
  await console.send("version");
  await console.sees("seriald demo sensor");
});

walk("An unplugged device is waited for, and is back within two seconds", async ({ rig }) => {
  const device = await rig.device("sensor");
  const server = await rig.serve(`sensor=${device.path}`);
  const console = await (await rig.visitor()).open(server.page("sensor"));
  const other = await (await rig.visitor()).open(server.page("sensor", "lines"));
  await console.sees(/temp:/);
  await other.reads(/temp:/);
  await console.send("led on");
  await console.sees("ok: led on");

  await device.unplug();
  for (const each of [console, other]) {
    await expect.poll(() => each.port("sensor").textContent()).toMatch(/Unplugged|Not plugged in/);
    const notice = each.page.getByRole("region", { name: "Bytes of sensor" });
    await expect.poll(() => notice.textContent()).toContain(device.path);
  }
  await console.sees(/── .*(lost|unplugged|gone)/i);

  await device.plug();
  await expect.poll(() => console.port("sensor").textContent()).toMatch(/Open/);
  await other.send("status");
  await console.sees("status: led");
  await other.reads("status: led");

  await expect
    .poll(() => console.button(/watching$/).getAttribute("aria-label"))
    .toBe("1 other watching");
  await console.sees(/── .*opened/i);
  await other.reads(/• .*opened/i);
  await console.show("Hex");
  await expect.poll(async () => (await console.rows(console.hex)).join("\n")).toMatch(/opened/i);
});
