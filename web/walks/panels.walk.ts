// Panels from the reader's side: built by hand, used, seen by others, brought by devices; and the emergency stop in every view.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { keepPanel } from "./rig/panel.ts";
import { walk } from "./rig/walk.ts";

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

const FAN = {
  seriald: 1,
  title: "Climate",
  for: { port: "sensor" },
  widgets: [
    {
      id: "fan",
      type: "slider",
      at: [0, 0, 6, 2],
      title: "Fan",
      send: "fan {value}\n",
      min: 0,
      max: 100,
      step: 5,
    },
    { id: "t", type: "value", at: [6, 0, 3, 2], title: "Temperature", follow: "temp" },
    { id: "l", type: "value", at: [0, 2, 3, 2], title: "Light", follow: "light" },
    { id: "off", type: "stop", at: [9, 0, 3, 2], title: "All off", send: "fan 0\n" },
  ],
};

const tab = (console: ConsolePage, title: string) =>
  console.page
    .getByRole("group", { name: "Panels and pages" })
    .getByRole("button", { name: title });
const widget = (console: ConsolePage, title: string) =>
  console.page.getByRole("article", { name: title, exact: true });

walk(
  "A panel is built by hand; its slider moves the device, and another browser sees it at once",
  async ({ rig }) => {
    const server = await rig.demo();
    const anna = await (await rig.visitor()).open(server.page("sensor"));
    const berta = await (await rig.visitor()).open(server.page("sensor"));
    await anna.sees(/temp:/);

    await anna.button("Add a panel").click();
    await anna.button("New panel").click();
    const toolbar = anna.page.getByRole("toolbar", { name: "Panel editor" });
    const forms = anna.page.getByRole("complementary", { name: "Properties" });
    await forms.getByLabel("Title").fill("Climate");
    await toolbar.getByRole("button", { name: "Add a widget" }).click();
    await anna.button(/^Slider/).click();
    await forms.getByLabel("Title").fill("Fan");
    await forms
      .getByLabel("Text to send")
      .or(forms.getByLabel(/^Sends/))
      .first()
      .fill("fan {value}\\n");
    await forms.getByLabel("Step").fill("5");
    await toolbar.getByRole("button", { name: "Add a widget" }).click();
    await anna.button(/^Value/).click();
    await forms.getByLabel("Title").fill("Temperature");
    await forms.getByLabel("Series").fill("temp");

    // The value is dragged to the other side of the grid.
    const tile = anna.page.getByRole("button", { name: /^Temperature, column/ });
    const box = await tile.boundingBox();
    if (!box) expect.unreachable();
    await anna.page.mouse.move(box.x + 20, box.y + 20);
    await anna.page.mouse.down();
    await anna.page.mouse.move(box.x + 20, box.y + 170, { steps: 5 });
    await anna.page.mouse.up();
    await expect.poll(() => tile.getAttribute("aria-label")).toMatch(/row 4/);
    await tile.press("Shift+ArrowRight");
    await expect.poll(() => tile.getAttribute("aria-label")).toMatch(/4 by 2/);
    expect(await tab(berta, "Climate").count()).toBe(0);

    await toolbar.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => widget(anna, "Temperature").textContent()).toMatch(/\d+\.\d/);
    await tab(berta, "Climate").click();
    await expect.poll(() => widget(berta, "Temperature").textContent()).toMatch(/\d+\.\d/);

    await berta.show("Terminal");
    const slider = anna.page.getByRole("slider", { name: "Fan" });
    await slider.focus();
    await slider.press("End");
    await berta.sees("ok: fan 100");

    await anna.page.reload();
    await expect.poll(() => widget(anna, "Temperature").textContent()).toMatch(/\d+\.\d/);
  },
);

walk("All widgets of a panel share one subscription, which lasts", async ({ rig }) => {
  const server = await rig.demo();
  await keepPanel(server, "climate", FAN);
  const console = await (await rig.visitor()).open("about:blank");
  let subscriptions = 0;
  console.page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      if (String(payload).includes('"values"')) subscriptions += 1;
    }),
  );
  await console.page.goto(server.page("sensor"));
  await tab(console, "Climate").click();
  // The port's state is told anew with each of these.
  const seen = new Set<string | null>();
  const readings = async () => seen.add(await widget(console, "Light").textContent()).size;
  await expect.poll(readings).toBeGreaterThan(3);
  expect(subscriptions).toBe(1);
});

walk("Two who change one panel see each other's changes", async ({ rig }) => {
  const server = await rig.demo();
  await keepPanel(server, "climate", FAN);
  const visitor = await rig.visitor();
  visitor.expect(/412/);
  const anna = await visitor.open(server.page("sensor"));
  await tab(anna, "Climate").click();
  await anna.button("Edit").click();
  const forms = anna.page.getByRole("complementary", { name: "Properties" });
  await forms.getByLabel("Title").fill("Mine");
  await keepPanel(server, "climate", { ...FAN, title: "Theirs" });
  await tab(anna, "Theirs").waitFor();
  await anna.button("Save").click();
  const question = anna.page.getByRole("dialog", { name: "It was changed meanwhile" });
  await question.getByRole("button", { name: "Show theirs" }).click();
  await expect.poll(() => forms.getByLabel("Title").inputValue()).toBe("Theirs");
  await anna.button("Undo").click();
  await expect.poll(() => forms.getByLabel("Title").inputValue()).toBe("Mine");
  await anna.button("Save").click();
  await tab(anna, "Mine").waitFor();
});

walk(
  "The emergency stop is one tap away in every view, over dialogs and sheets too",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`sensor=${pty.path}`);
    await keepPanel(server, "climate", FAN);
    const visitor = await rig.visitor(PHONE);
    const console = await visitor.open(server.page("sensor"));
    const stop = console.page.getByRole("button", { name: "Emergency stop: All off" });
    let stops = 0;
    const tap = async () => {
      await stop.last().tap();
      stops += 1;
      await expect.poll(() => pty.received.toString()).toBe("fan 0\n".repeat(stops));
    };

    await stop.first().waitFor();
    await stop.first().tap();
    stops += 1;
    await expect.poll(() => pty.received.toString()).toBe("fan 0\n");
    await console.page.getByText(/^Stopped: macros on sensor/).waitFor();

    for (const view of ["Lines", "Hex", "Climate"]) {
      await console.button("View").tap();
      await console.page.getByRole("button", { name: view, exact: true }).tap();
      await stop.first().tap();
      stops += 1;
      await expect.poll(() => pty.received.toString()).toBe("fan 0\n".repeat(stops));
    }
    await console.button("Show the ports").tap();
    await tap();
    await console.page.keyboard.press("Escape");
    await console.button("Settings and lines").tap();
    await console.page.getByRole("heading", { name: "Control lines" }).waitFor();
    await tap();
    await console.page.keyboard.press("Escape");
    await console.page.keyboard.press("Control+Shift+p");
    await console.page.getByRole("dialog").waitFor();
    await tap();
    await console.page.keyboard.press("Control+Shift+x");
    stops += 1;
    await expect.poll(() => pty.received.toString()).toBe("fan 0\n".repeat(stops));
  },
);

walk(
  "A panel that a device brings is offered, looked at, and kept only when somebody says so",
  async ({ rig }) => {
    const server = await rig.demo();
    const console = await (await rig.visitor()).open(server.page("arm"));
    await console.sees(/base:/);
    await console.button("Add a panel").click();
    await console.button("Ask the device for its panel").click();
    const offer = console.page.getByText("This device brings a panel");
    await offer.waitFor();
    await console.button("Look").click();
    const preview = console.page.getByRole("dialog", { name: "Robot arm" });
    await preview.getByRole("article", { name: "Base" }).waitFor();
    expect(await tab(console, "Robot arm").count()).toBe(0);
    await preview.getByRole("button", { name: "Keep" }).click();
    await tab(console, "Robot arm").waitFor();
    await console.button("Emergency stop: Stop").waitFor();
    expect(await offer.count()).toBe(0);

    const other = await (await rig.visitor()).open(server.page("arm"));
    await tab(other, "Robot arm").waitFor();
    await other.sees(/base:/);
    expect(await other.page.getByText("This device brings a panel").count()).toBe(0);
  },
);

walk(
  "What is hostile in a panel is shown as what it is, and what is wrong is told",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    const title = "<img src=x onerror=alert(1)>";
    await keepPanel(server, "hostile", {
      seriald: 1,
      title,
      for: { port: "board" },
      widgets: [
        { id: "a", type: "button", at: [0, 0, 3, 1], title, send: "\u001b[2J{{\n" },
        { id: "b", type: "label", at: [3, 0, 3, 1], text: "<script>alert(2)</script>" },
      ],
    });
    const console = await (await rig.visitor()).open(server.page("board"));
    await tab(console, title).click();
    await console.page.getByText("<script>alert(2)</script>").waitFor();
    await widget(console, title).getByRole("button").click();
    await expect.poll(() => pty.received.toString()).toBe("\u001b[2J{\n");
    await console.button("Edit").click();
    await console.page.getByRole("button", { name: /column 1, row 1/ }).click();
    await expect
      .poll(() => console.page.getByLabel("Text to send").inputValue())
      .toBe("\\e[2J{{\\n");
  },
);

walk(
  "A page for a port is a tab of it, with the port told; one that is gone is told",
  async ({ rig }) => {
    const pty = await rig.pty();
    const www = join(rig.folder, "www");
    mkdirSync(join(www, "arm"), { recursive: true });
    const page = `<!doctype html><title>Arm</title><h1></h1><script>document.querySelector("h1").textContent = "For " + new URLSearchParams(location.search).get("port")</script>`;
    writeFileSync(join(www, "arm", "index.html"), page);
    writeFileSync(
      join(www, "arm", "page.json"),
      '{"title": "Robot arm", "for": {"port": "board"}}',
    );
    const server = await rig.serve(`board=${pty.path}`, "--www", www);
    const visitor = await rig.visitor();
    visitor.expect(/404/);
    const console = await visitor.open(server.page("board"));
    await tab(console, "Robot arm").click();
    const frame = console.page.frameLocator("iframe");
    await frame.getByRole("heading", { name: "For board" }).waitFor();
    const link = console.page.url();

    await console.show("Terminal");
    await pty.say("still here\r\n");
    await console.sees("still here");
    rmSync(join(www, "arm"), { recursive: true });
    await console.page.goto("about:blank");
    await console.page.goto(link);
    await console.page.getByText("the page is not there").waitFor();
  },
);
