// Firmware: a file that is dropped on a port is written by a command of the server's, while everybody watches.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import type { Pty } from "./rig/device.ts";
import type { Server } from "./rig/server.ts";
import { type Rig, walk } from "./rig/walk.ts";

/** A flasher that is at work until the file `go` is there, and then fails if the firmware begins with "bad". */
const FLASHER = `
printf 'Writing at 0x00010000... (10 %%)\\rWriting at 0x00020000... (40 %%)\\r'
until [ -e "$2" ]; do sleep 0.05; done
printf 'Writing at 0x00030000... (100 %%)\\nHash of data verified.\\n'
cat "$1" > "$0"
case "$(cat "$1")" in bad*) exit 3;; esac
`;

interface Bench {
  server: Server;
  pty: Pty;
  go: string;
}

async function bench(rig: Rig): Promise<Bench> {
  const pty = await rig.pty();
  const go = join(rig.folder, "go");
  const config = join(rig.folder, "seriald.toml");
  const command = (name: string, title: string, files: string) =>
    `[flash.${name}]\ntitle = "${title}"\nfiles = ${files}\ncommand = ["sh", "-c", ${JSON.stringify(FLASHER)}, "{}", "{file}", ${JSON.stringify(go)}]\n`;
  writeFileSync(
    config,
    `[port.board]\ndevice = ${JSON.stringify(pty.path)}\n${command("app", "Application", '[".bin"]')}${command("boot", "Bootloader", '[".bin", ".hex"]')}`,
  );
  return { server: await rig.serve("--config", config), pty, go };
}

async function drop(console: ConsolePage, name: string, text: string): Promise<void> {
  const data = await console.page.evaluateHandle(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name));
      return data;
    },
    [name, text] as const,
  );
  const target = console.page.getByRole("region", { name: "Bytes of board" });
  for (const type of ["dragenter", "dragover", "drop"])
    await target.dispatchEvent(type, { dataTransfer: data });
}

const dialog = (console: ConsolePage) => console.page.getByRole("dialog", { name: "Flash board" });

walk(
  "A file that is dropped is flashed by the chosen command, and others see it",
  async ({ rig }) => {
    const { server, pty, go } = await bench(rig);
    const anna = await (await rig.visitor()).open(server.page("board"));
    const berta = await (await rig.visitor()).open(server.page("board"));
    await anna.introduce("Änna");
    await drop(anna, "blink.bin", "the firmware");
    await dialog(anna).getByText("Bootloader").click();
    await dialog(anna).getByRole("button", { name: "Flash", exact: true }).click();
    await expect.poll(() => dialog(anna).getByRole("progressbar").getAttribute("value")).toBe("40");
    expect(await dialog(anna).locator("pre").textContent()).toBe("Writing at 0x00020000... (40 %)");

    await berta.page.getByText(/^Bootloader writes a file to/).waitFor();
    await berta.button("Show").click();
    await dialog(berta).getByText("blink.bin").waitFor();
    await dialog(berta)
      .getByText(/with Bootloader, by Änna$/)
      .waitFor();
    writeFileSync(go, "");
    for (const each of [anna, berta]) {
      await dialog(each)
        .getByText(/^Done after/)
        .waitFor();
      await expect.poll(() => dialog(each).locator("pre").textContent()).toMatch(/verified\.$/);
    }
    await expect.poll(() => pty.received.toString()).toBe("the firmware");
    await dialog(anna).getByRole("button", { name: "Close" }).click();
    await anna.sees(/Bootloader ended after .* with exit code 0/);

    // What was used last is proposed again; what no command takes is sent.
    await drop(anna, "other.bin", "x");
    await expect.poll(() => dialog(anna).getByLabel("Bootloader").isChecked()).toBe(true);
    await dialog(anna).getByRole("button", { name: "Cancel" }).click();
    await drop(anna, "notes.txt", "x");
    await anna.page.getByRole("dialog", { name: "Send a file to board" }).waitFor();
  },
);

walk(
  "What fails is told with its exit code; what hangs is stopped, and the port comes back",
  async ({ rig }) => {
    const { server, go } = await bench(rig);
    const console = await (await rig.visitor({ viewport: { width: 390, height: 844 } })).open(
      server.page("board"),
    );
    const flash = async (text: string) => {
      const buffer = Buffer.from(text);
      await dialog(console)
        .getByLabel("File")
        .setInputFiles({ name: "blink.bin", mimeType: "application/octet-stream", buffer });
      await dialog(console).getByRole("button", { name: "Flash", exact: true }).click();
    };
    await console.button("Find, copy and save").click();
    await console.button("Flash firmware…").click();
    await flash("whatever");
    await dialog(console).getByRole("button", { name: "Stop it half written" }).click();
    await dialog(console)
      .getByText(/^Stopped by/)
      .waitFor();

    writeFileSync(go, "");
    expect(existsSync(go)).toBe(true);
    await dialog(console).getByRole("button", { name: "Flash another" }).click();
    await flash("bad firmware");
    await dialog(console)
      .getByText(/^Failed with exit code 3/)
      .waitFor();
    await dialog(console).getByRole("button", { name: "Close" }).click();
    await console.sees(/Application ended after .* with exit code 3/);
    await console.send("still here");
  },
);

walk("A device that is being written is taken back only after a question", async ({ rig }) => {
  const { server } = await bench(rig);
  const console = await (await rig.visitor()).open(server.page("board"));
  await drop(console, "blink.bin", "the firmware");
  await dialog(console).getByRole("button", { name: "Flash", exact: true }).click();
  await dialog(console).getByRole("button", { name: "Leave it running" }).click();
  await console.button("Take back").click();
  const question = console.page.getByRole("dialog", { name: "Take board back now?" });
  await question.getByRole("button", { name: "Let it end" }).click();
  await console.button("Take back").click();
  await question.getByRole("button", { name: "Take it back" }).click();
  await console.button("Release").waitFor();
  await console.sees(/the device was taken back/);
});

walk(
  "A file on a slow way to the server is told in percent, and can be given up",
  async ({ rig }) => {
    const { server } = await bench(rig);
    const console = await (await rig.visitor()).open(server.page("board"));
    const network = await console.page.context().newCDPSession(console.page);
    await drop(console, "large.bin", "x".repeat(400_000));
    const up = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 50_000 };
    await network.send("Network.emulateNetworkConditions", up);
    await dialog(console).getByRole("button", { name: "Flash", exact: true }).click();
    const sent = dialog(console).getByRole("progressbar", { name: "Sent" });
    const percent = async () => Number(await sent.getAttribute("value"));
    await expect.poll(percent).toBeGreaterThan(0);
    expect(await percent()).toBeLessThan(100);
    await dialog(console).getByRole("button", { name: "Cancel" }).click();
    await console.button("Release").waitFor();
    await network.send("Network.emulateNetworkConditions", { ...up, uploadThroughput: -1 });
    await drop(console, "small.bin", "the firmware");
    await dialog(console).getByRole("button", { name: "Flash", exact: true }).click();
    await dialog(console).getByRole("progressbar", { name: "Written" }).waitFor();
  },
);
