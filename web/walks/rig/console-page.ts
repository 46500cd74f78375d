// ConsolePage: the console as a person finds it, by what things are called.

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

export class ConsolePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** A port in the list. */
  port(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Ports" }).getByRole("button", { name });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  get sendBar(): Locator {
    return this.page.getByRole("form", { name: "Send" });
  }

  get sendButton(): Locator {
    return this.sendBar.getByRole("button", { name: "Send", exact: true });
  }

  get message(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  get terminal(): Locator {
    return this.page.getByRole("region", { name: /as a terminal$/ });
  }

  get lines(): Locator {
    return this.page.getByRole("listbox", { name: /line by line$/ });
  }

  get hex(): Locator {
    return this.page.getByRole("listbox", { name: /byte by byte$/ });
  }

  /** Shows one of the three views. */
  async show(view: "Terminal" | "Lines" | "Hex"): Promise<void> {
    await this.page.getByRole("group", { name: "View", exact: true }).getByText(view).click();
  }

  /** Sends a message by the send bar, as soon as the port takes one. */
  async send(text: string): Promise<void> {
    await this.message.fill(text);
    await expect.poll(() => this.sendButton.isEnabled()).toBe(true);
    await this.message.press("Enter");
  }

  /** Types into the terminal, key by key. */
  async type(text: string): Promise<void> {
    await this.terminal.getByRole("textbox").focus();
    for (const part of text.split(/(?<=\n)|(?=\n)/)) {
      if (part === "\n") await this.page.keyboard.press("Enter");
      else await this.page.keyboard.type(part);
    }
  }

  /** Logs in to the demo's machine. */
  async logIn(): Promise<void> {
    await this.sees(/demo login:$/m);
    await this.type("root\n");
    await this.sees("Password:");
    await this.type("secret\n");
    await this.sees("root@demo:~#");
  }

  /** What the terminal shows, row by row. */
  async screen(): Promise<string> {
    const rows = await this.terminal.locator(".xterm-rows > div").allTextContents();
    return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
  }

  /** What the rows of the lines or hex view say that are in sight. */
  async rows(list: Locator = this.lines): Promise<string[]> {
    const rows = await list.getByRole("option").allInnerTexts();
    return rows.map((row) => row.replaceAll(/\s+/g, " ").trim());
  }

  /** Waits until the terminal shows a text. */
  async sees(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.screen()).toMatch(text);
  }

  /** Waits until a line in sight has a text. */
  async reads(text: string | RegExp): Promise<void> {
    await expect.poll(async () => (await this.rows()).join("\n")).toMatch(text);
  }

  /** The row at the top of the lines or hex view. */
  async topRow(list: Locator = this.lines): Promise<string> {
    const top = await list.evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      const rows = [...element.querySelectorAll("[role=option]")];
      // A row that is cut at the edge is still the one that is read there.
      const first = rows.find((row) => row.getBoundingClientRect().bottom > top + 4);
      return first?.textContent ?? "";
    });
    return top.replaceAll(/\s+/g, " ").trim();
  }

  /** Says one's name, as others see it. */
  async introduce(name: string): Promise<void> {
    await this.button(/others? watching$/).click();
    await this.page.getByLabel("Your name, as others see it").fill(name);
    await this.button("Change").click();
  }
}
