// Walk: a test with a rig, which brings servers, devices and visitors, and takes them away again.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium } from "playwright-core";
import { expect, test } from "vitest";
import { DemoDevice, type DemoKind, Pty } from "./device.ts";
import { Server } from "./server.ts";
import { Visitor } from "./visitor.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export class Rig {
  readonly #browser: Browser;
  readonly #name: string;
  readonly folder = mkdtempSync(join(tmpdir(), "seriald-walk-"));
  readonly #visitors: Visitor[] = [];
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(browser: Browser, name: string) {
    this.#browser = browser;
    this.#name = name;
  }

  /** Starts `seriald demo`. */
  demo(...args: string[]): Promise<Server> {
    return this.#start(["demo", ...args]);
  }

  /** Starts `seriald serve`. */
  serve(...args: string[]): Promise<Server> {
    return this.#start(["serve", ...args]);
  }

  /** Starts `seriald demo` where other machines could reach it. */
  demoForAll(): Promise<Server> {
    return this.#start(["demo"], "0.0.0.0");
  }

  /** Plugs a demo device in. */
  async device(kind: DemoKind): Promise<DemoDevice> {
    const device = new DemoDevice(kind, join(this.folder, kind));
    this.#ends.push(() => device.unplug());
    await device.plug();
    return device;
  }

  /** A device that says what the walk wants. */
  async pty(): Promise<Pty> {
    const pty = await Pty.open();
    this.#ends.push(() => pty.close());
    return pty;
  }

  /** A browser with cookies of its own. */
  async visitor(options?: BrowserContextOptions): Promise<Visitor> {
    const visitor = await Visitor.arrive(this.#browser, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** Has something taken away in the end. */
  ends(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Takes everything away; fails the walk if anything went wrong on a page. */
  async close(): Promise<void> {
    const problems = this.#visitors.flatMap((visitor) => visitor.problems);
    await this.#keepPictures();
    for (const visitor of this.#visitors) await visitor.context.close();
    for (const end of this.#ends.reverse()) await end();
    rmSync(this.folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  }

  async #start(args: readonly string[], host?: string): Promise<Server> {
    const server = await Server.start(this.folder, args, host);
    this.#ends.push(() => server.close());
    return server;
  }

  // For people who want to see how a walk ended.
  async #keepPictures(): Promise<void> {
    const folder = process.env.WALK_PICTURES;
    if (!folder) return;
    const name = this.#name.replaceAll(/\W+/g, "-").slice(0, 60);
    const pages = this.#visitors.flatMap((visitor) => visitor.context.pages());
    for (const [at, page] of pages.entries())
      await page.screenshot({ path: join(folder, `${name}-${at}.png`) });
  }
}

/** A test with a rig of its own. */
export const walk = test.extend<{ browser: Browser; rig: Rig }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture wants
    async ({}, use) => {
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ["--no-sandbox", "--disable-dev-shm-usage"],
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  rig: async ({ browser, task }, use) => {
    const rig = new Rig(browser, task.name);
    await use(rig);
    await rig.close();
  },
});
