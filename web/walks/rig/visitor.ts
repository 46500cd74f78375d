// A visitor: a browser with cookies of its own, one or more pages, and an eye on all that goes wrong in them.

import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { ConsolePage } from "./console-page.ts";

const ACTION_MS = 10_000;

export class Visitor {
  readonly context: BrowserContext;
  readonly #problems: string[] = [];
  readonly #expected: RegExp[] = [];

  private constructor(context: BrowserContext) {
    this.context = context;
    context.on("page", (page) => this.#watch(page));
  }

  static async arrive(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    });
    context.setDefaultTimeout(ACTION_MS);
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`);
      });
    });
    return new Visitor(context);
  }

  /** Opens an address in a new tab. */
  async open(address: string): Promise<ConsolePage> {
    const page = await this.context.newPage();
    await page.goto(address);
    return new ConsolePage(page);
  }

  /** Lets the walk provoke a problem, such as the browser's line about a lost connection. */
  expect(problem: RegExp): void {
    this.#expected.push(problem);
  }

  /** What went wrong and was not expected. */
  get problems(): string[] {
    return this.#problems.filter((problem) => !this.#expected.some((known) => known.test(problem)));
  }

  #watch(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        this.#problems.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.#problems.push(`uncaught: ${error.stack ?? error}`));
    page.on("crash", () => this.#problems.push("the page crashed"));
    page.on("dialog", (dialog) => {
      this.#problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }
}
