import type { Client, PanelListing, Port } from "seriald";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { dismiss, toasts } from "../ui/toasts.svelte.ts";
import { EmergencyStop } from "./emergency-stop.ts";
import { PanelFiles } from "./panel-files.svelte.ts";

const LISTING = { name: "arm", title: "Arm", version: "1" } as PanelListing;
const PANEL = { widgets: [{ id: "off", type: "stop", title: "All off", send: "stop\n" }] };

function rig(get: () => Promise<unknown>) {
  const port = { name: "arm", use: vi.fn(async () => {}), halt: vi.fn(async () => {}) };
  const client = { panel: () => ({ get }) } as unknown as Client;
  const stop = new EmergencyStop(port as unknown as Port, new PanelFiles(client), LISTING);
  return { port, stop };
}

const told = () =>
  toasts()
    .map(({ text }) => text)
    .join();

describe("an emergency stop", () => {
  beforeEach(() => {
    for (const { id } of [...toasts()]) dismiss(id);
  });

  it("uses the stop of its panel, and tells what that did", async () => {
    const { port, stop } = rig(async () => ({ panel: PANEL, version: "1" }));
    await stop.prepare();
    expect(stop.title).toBe("All off");
    await stop.press();
    expect(port.use).toHaveBeenCalledWith("arm", "off");
    expect(told()).toMatch(/“All off” was sent/);
  });

  it("halts all the same where its panel cannot be read, and says what it did not do", async () => {
    const { port, stop } = rig(async () => {
      throw new Error("no such file");
    });
    await stop.prepare();
    await stop.press();
    expect(port.halt).toHaveBeenCalled();
    expect(told()).toMatch(/nothing was sent/);
  });

  it("says loudly that it did not stop", async () => {
    const { port, stop } = rig(async () => ({ panel: PANEL, version: "1" }));
    await stop.prepare();
    port.use.mockRejectedValue(new Error("there is no connection"));
    await stop.press();
    expect(toasts().at(-1)).toMatchObject({
      bad: true,
      text: "Not stopped: there is no connection",
    });
  });
});
