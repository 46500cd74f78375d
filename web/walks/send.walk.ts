// Sending: pastes that are asked about, files with a pace, escapes and hex.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { walk } from "./rig/walk.ts";

async function paste(console: ConsolePage, text: string, keys: string): Promise<void> {
  await console.page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await console.page.keyboard.press(keys);
}

walk("Several lines at once are asked about before they are sent", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const question = console.page.getByRole("dialog", { name: "Send 3 lines to board?" });

  await console.message.focus();
  await paste(console, "one\ntwo\nthree\n", "Control+V");
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "hidden" });
  expect(pty.received.toString()).toBe("");

  await console.terminal.getByRole("textbox").focus();
  await paste(console, "one\ntwo\nthree\n", "Control+Shift+V");
  await question.getByRole("button", { name: "Send 3 lines" }).click();
  await expect.poll(() => pty.received.toString()).toBe("one\rtwo\rthree\r");
  await question.waitFor({ state: "hidden" });

  await paste(console, "a word", "Control+Shift+V");
  await expect.poll(() => pty.received.toString()).toBe("one\rtwo\rthree\ra word");
});

walk("A file is sent at its pace, shows how far it is, and can be stopped", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const file = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, n) => (n * 7) & 0xff));

  await console.button("Send a file").click();
  const dialog = console.page.getByRole("dialog", { name: "Send a file to board" });
  const files = dialog.getByLabel("File");
  await files.setInputFiles({ name: "image.bin", mimeType: "", buffer: file });
  await dialog.getByLabel("Bytes at once").fill("100");
  await dialog.getByRole("spinbutton", { name: "Wait after each" }).fill("50");
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  const progress = dialog.getByRole("progressbar", { name: "Sent" });
  await expect.poll(async () => Number(await progress.getAttribute("value"))).toBeGreaterThan(300);
  await dialog.getByRole("button", { name: "Stop sending" }).click();
  await expect
    .poll(() => dialog.getByRole("alert").textContent())
    .toMatch(/^Stopped \(after .* of 20.0.kB\)$/);
  const stopped = pty.received.length;
  expect(stopped).toBeLessThan(file.length);
  expect(pty.received).toEqual(file.subarray(0, stopped));

  await dialog.getByRole("spinbutton", { name: "Wait after each" }).fill("0");
  await dialog.getByRole("button", { name: "Send again" }).click();
  await dialog.waitFor({ state: "hidden" });
  await expect.poll(() => pty.received.length).toBe(stopped + file.length);
  expect(pty.received.subarray(stopped)).toEqual(file);
});

walk("Escapes and hex are sent as bytes, and a mistake names its place", async ({ rig }) => {
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const console = await (await rig.visitor()).open(server.page("board"));
  const notation = console.page.getByRole("combobox", { name: "How the message is written" });
  const hex = () => pty.received.toString("hex");

  await notation.selectOption("Escapes");
  await console.page.getByRole("combobox", { name: "Line ending" }).selectOption("No ending");
  await console.send("\\x1b[A\\tä\\0");
  await expect.poll(hex).toBe("1b5b4109c3a400");

  await notation.selectOption("Hex");
  await console.send("de ad 0xBE,ef");
  await expect.poll(hex).toBe("1b5b4109c3a400deadbeef");

  await console.message.fill("00 1g");
  await console.message.press("Enter");
  await expect
    .poll(() => console.page.getByRole("form", { name: "Send" }).getByRole("status").textContent())
    .toContain("Character 5: “g” is not a hex digit");
  expect(await console.sendButton.isDisabled()).toBe(true);
  expect(await console.message.inputValue()).toBe("00 1g");

  await console.page.getByRole("button", { name: "Echo" }).click();
  await notation.selectOption("Text");
  await console.send("hello");
  await console.sees("hello");
  await expect.poll(hex).toBe("1b5b4109c3a400deadbeef68656c6c6f");
});
