// Share links: one is made, opened by somebody without an account, used, and revoked.

import { expect } from "vitest";
import type { ConsolePage } from "./rig/console-page.ts";
import { keepPanel } from "./rig/panel.ts";
import { Administrator, signIn } from "./rig/people.ts";
import type { Visitor } from "./rig/visitor.ts";
import { type Rig, walk } from "./rig/walk.ts";

const LAMP = {
  seriald: 1,
  title: "Lamp",
  for: { port: "sensor" },
  widgets: [
    { id: "on", at: [0, 0, 4, 2], type: "button", title: "Light on", send: "led on\n" },
    { id: "temp", at: [4, 0, 4, 2], type: "value", title: "Temperature", follow: "temp" },
    { id: "off", at: [8, 0, 4, 2], type: "stop", title: "All off", send: "led off\n" },
  ],
};

/** Somebody of whom the browser says that they were refused. */
async function stranger(rig: Rig): Promise<Visitor> {
  const visitor = await rig.visitor();
  visitor.expect(/\b(401|403|409)\b|WebSocket connection to .* failed/);
  return visitor;
}

/** Makes the link that the dialog is open for. */
async function linkOf(console: ConsolePage, title: string): Promise<string> {
  await console.page.getByLabel(/What it is for/).fill(title);
  await console.button("Make the link").click();
  await console.page.getByRole("img", { name: "The link as a QR code" }).waitFor();
  const link = await console.button(/^Copy http/).textContent();
  await console.button("Done").click();
  return link?.trim() ?? "";
}

walk("A guest uses a panel without an account, until the link is revoked", async ({ rig }) => {
  const server = await rig.demo();
  await keepPanel(server, "lamp", LAMP);
  await Administrator.of(server);
  const root = await (await stranger(rig)).open(server.page("sensor"));
  await signIn(root, "root");
  await root.page.getByRole("button", { name: "Lamp" }).click();
  await root.button("Share…").click();
  const link = await linkOf(root, "Open day");

  const guest = await (await stranger(rig)).open(link);
  await guest.button("Light on").waitFor();
  expect(guest.page.url()).not.toContain("sh_");
  await expect.poll(() => guest.button("Light on").isEnabled()).toBe(true);
  await guest.button("Light on").click();
  await guest.show("Terminal");
  await guest.sees(/led/);
  await guest.page.getByText("You may watch sensor, not type.").waitFor();
  for (const gone of ["Release", "Settings and lines", "Share…"])
    expect(await guest.button(gone).count(), gone).toBe(0);
  await guest.button("Show the ports").click();
  expect(await guest.port("arm").count()).toBe(0);
  await guest.button("People and access").click();
  await guest.page.getByText(/^You came by a link/).waitFor();
  await guest.page.keyboard.press("Escape");

  await root.button(/1 other watching$/).click();
  await root.page.getByText("guest of root (Open day)").waitFor();
  await root.page.keyboard.press("Escape");
  await root.button("People and access").click();
  await root.page.getByText(/use lamp on sensor .* opened 1×/).waitFor();
  await root.button("Revoke Open day").click();
  await root.button("Revoke").click();
  await guest.page.getByText("The link that you came by has ended.").waitFor();
  await expect.poll(() => root.button("Revoke Open day").count()).toBe(0);

  const late = await (await stranger(rig)).open(link);
  await late.page.getByRole("heading", { name: "This link was not opened" }).waitFor();
  await guest.page.reload();
  await guest.page
    .getByRole("alert")
    .getByText(/The link that you came by has ended/)
    .waitFor();
  await late.button("Go to the console").click();
  await late.page.getByRole("heading", { name: "Sign in" }).waitFor();
});

walk("Whoever may do less than a link gives is asked to sign out first", async ({ rig }) => {
  const server = await rig.demo();
  const root = await Administrator.of(server);
  await root.add("vera", "see:arm");
  const maker = await (await stranger(rig)).open(server.page("sensor"));
  await signIn(maker, "root");
  await maker.button(/others? watching$/).click();
  await maker.button("Share…").click();
  await maker.page.getByText("Type", { exact: true }).click();
  const link = await linkOf(maker, "For the supplier");

  const visitor = await stranger(rig);
  const vera = await visitor.open(server.page("arm"));
  await signIn(vera, "vera");
  await vera.button("People and access").getByText("vera").waitFor();
  const opened = await visitor.open(link);
  await opened.page.getByRole("heading", { name: "Open this link as a guest?" }).waitFor();
  await opened.button("Sign out and open it").click();
  await opened.sees(/temp:/);
  await opened.send("status");
  await maker.button(/1 other watching$/).click();
  await maker.page.getByText("guest of root (For the supplier)").waitFor();

  const again = await (await stranger(rig)).open(link);
  await again.sees(/temp:/);
  await again.page.reload();
  await again.sees(/temp:/);
});
