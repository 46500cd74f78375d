// Fingers: a panel is put together on a phone, with touches as its screen tells them.

import { expect } from "vitest";
import { Finger } from "./rig/finger.ts";
import { keepPanel } from "./rig/panel.ts";
import { walk } from "./rig/walk.ts";

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

const TALL = {
  seriald: 1,
  title: "Climate",
  for: { port: "board" },
  widgets: [
    { id: "t", type: "value", at: [0, 0, 5, 2], title: "Temperature", follow: "temp" },
    { id: "h", type: "value", at: [6, 0, 5, 2], title: "Humidity", follow: "hum" },
    { id: "l", type: "value", at: [0, 14, 6, 2], title: "Light", follow: "light" },
  ],
};

walk(
  "A finger moves and resizes the widget that it has chosen, and scrolls everywhere else",
  async ({ rig }) => {
    const pty = await rig.pty();
    const server = await rig.serve(`board=${pty.path}`);
    await keepPanel(server, "climate", TALL);
    const address = `${server.page("board")}?view=panel:climate`;
    const console = await (await rig.visitor(PHONE)).open(address);
    await console.button("Edit").tap();
    const finger = await Finger.of(console.page);
    const stage = console.page.getByRole("region", { name: "Widgets" });
    const top = () => stage.evaluate((element) => element.scrollTop);
    const cover = (title: string) =>
      console.page.getByRole("button", { name: new RegExp(`^${title}, column`) });
    const place = async (title: string) => {
      const label = (await cover(title).getAttribute("aria-label")) ?? "";
      return label.match(/\d+/g)?.map(Number);
    };

    // What is not chosen is no handle: the grid scrolls under the finger, and nothing is chosen or moved.
    await finger.drag(cover("Humidity"), { x: 0, y: -80 });
    await expect.poll(top).toBeGreaterThan(30);
    expect(await cover("Humidity").getAttribute("aria-pressed")).toBe("false");
    expect(await place("Humidity")).toEqual([7, 1, 5, 2]);
    await finger.drag(stage, { x: 0, y: 200 });
    await expect.poll(top).toBe(0);

    await cover("Temperature").tap();
    await expect.poll(() => cover("Temperature").getAttribute("aria-pressed")).toBe("true");
    await finger.drag(cover("Temperature"), { x: 0, y: 100 });
    await expect.poll(() => place("Temperature")).toEqual([1, 3, 5, 2]);
    expect(await top()).toBe(0);
    await finger.drag(stage.getByTitle("Drag to resize"), { x: 65, y: 50 });
    await expect.poll(() => place("Temperature")).toEqual([1, 3, 7, 3]);

    // At the edge of what is seen it goes on.
    await finger.press(cover("Temperature"));
    const [edge, box] = [await stage.boundingBox(), await cover("Temperature").boundingBox()];
    if (!edge || !box) expect.unreachable();
    await finger.move({ x: 0, y: edge.y + edge.height - 8 - (box.y + box.height / 2) });
    await expect.poll(async () => (await place("Temperature"))?.[1]).toBeGreaterThan(12);
    await finger.lift();
    await expect.poll(top).toBeGreaterThan(100);

    await console.button("Undo").tap();
    await expect.poll(() => place("Temperature")).toEqual([1, 3, 7, 3]);
    await console.button("Save").tap();
    await console.page.getByText(/^Saved “Climate”/).waitFor();
  },
);
