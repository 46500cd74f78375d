// A first visit to the demo: four ports alive, a command obeyed, and its place in the history.

import { expect } from "vitest";
import { walk } from "./rig/walk.ts";

walk("The demo shows four ports alive, and a command is obeyed", async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor();
  const console = await visitor.open(server.link);

  for (const name of ["sensor", "arm", "linux", "imu"])
    await expect.poll(() => console.port(name).textContent()).toMatch(/\d\s(B|kB)\/s/);
  await console.sees(/temp:\d+\.\d°C hum:\d+\.\d%/);

  await console.introduce("anna");
  await console.send("led on");
  await console.sees("ok: led on");
  await console.show("Lines");
  await console.reads(/\d › ?anna ?led on$/m);
  await console.reads(/\d ok: led on$/m);
});

walk("What was sent is found again with the arrow keys after a reload", async ({ rig }) => {
  const server = await rig.demo();
  const console = await (await rig.visitor()).open(server.page("sensor"));
  for (const command of ["led on", "status"]) {
    await console.send(command);
    await console.sees(command === "status" ? "status: led" : "ok: led on");
  }

  await console.page.reload();
  await console.sees("status: led");
  await console.message.focus();
  // The history comes from the server a moment after the page.
  await expect
    .poll(async () => {
      await console.message.press("ArrowUp");
      return console.message.inputValue();
    })
    .toBe("status");
  await console.message.press("ArrowUp");
  expect(await console.message.inputValue()).toBe("led on");
  await console.message.press("ArrowDown");
  await console.message.press("ArrowDown");
  expect(await console.message.inputValue()).toBe("");
});
