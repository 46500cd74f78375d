// The pictures of the console in the README and its pages: docs/panel.png, docs/plot.png and docs/console.png.

import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { PlotPage } from "./rig/plot-page.ts";
import { walk } from "./rig/walk.ts";

const pictureFile = (name: string) =>
  fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
const MOST_BYTES = 300_000;

walk("The console sits for its picture", async ({ rig }) => {
  const server = await rig.demo();
  for (const name of ["Anna", "Ben Okafor"]) {
    const guest = await (await rig.visitor()).open(server.page("linux"));
    await guest.introduce(name);
  }
  const visitor = await rig.visitor({
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    reducedMotion: "reduce",
  });
  const console = await visitor.open(server.page("linux"));
  await console.introduce("Mia");
  await console.logIn();
  await console.type("colors\n");
  await console.sees("struck");
  await expect.poll(() => console.button(/watching$/).getAttribute("aria-label")).toMatch(/^2/);
  // The small curves in the list are drawn from what came in the last seconds.
  const curve = console.port("sensor").locator("polyline");
  const samples = async () => {
    const heights = (await curve.getAttribute("points"))?.match(/,[\d.]+/g) ?? [];
    return heights.length - heights.filter((height) => height === heights[0]).length;
  };
  await expect.poll(samples, { timeout: 60_000 }).toBeGreaterThan(20);
  await console.type("uptime\n");
  await console.sees(/^up /m);

  const picture = await console.page.screenshot({ path: pictureFile("console") });
  expect(picture.length).toBeLessThan(MOST_BYTES);
});

walk("The plot sits for its picture", { timeout: 180_000 }, async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor({
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
  });
  const console = await visitor.open(server.page("sensor", "lines"));
  const plot = new PlotPage(console.page);
  await plot.open();
  // What is seen in a minute takes a minute.
  for (const command of ["rate 10", "fan 70", "led blink", "led off", "fan 0"]) {
    await console.send(command);
    await console.page.waitForTimeout(12_000);
  }
  await plot.button("Measure with two cursors").click();
  await plot.button("Series and axes").click();
  await console.page.getByLabel("Axis of temp").selectOption("Left");
  await console.page.keyboard.press("Escape");
  await plot.button("Series and axes").blur();
  await expect.poll(() => plot.value("temp")).toMatch(/\d/);

  const picture = await console.page.screenshot({ path: pictureFile("plot") });
  expect(picture.length).toBeLessThan(MOST_BYTES);
});

walk("A panel sits for its picture", { timeout: 180_000 }, async ({ rig }) => {
  const server = await rig.demo();
  const visitor = await rig.visitor({
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
  });
  const console = await visitor.open(server.page("sensor"));
  await console.sees(/temp:/);
  await console.send("rate 10");
  await console.button("Add a panel").click();
  await console.button("Ask the device for its panel").click();
  await console.button("Keep").click();
  const fan = console.page.getByRole("slider", { name: "Fan" });
  for (const percent of ["70", "0", "35"]) {
    await fan.fill(percent);
    await console.page.waitForTimeout(20_000);
  }
  await console.page.mouse.move(0, 0);

  const picture = await console.page.screenshot({ path: pictureFile("panel") });
  expect(picture.length).toBeLessThan(MOST_BYTES);
});
