// A finger on a touch screen: presses, moves and lifts as the screen itself would tell, so that the browser scrolls where it may.

import type { CDPSession, Locator, Page } from "playwright-core";
import { expect } from "vitest";

export interface Point {
  x: number;
  y: number;
}

export class Finger {
  readonly #session: CDPSession;
  #at: Point = { x: 0, y: 0 };

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async of(page: Page): Promise<Finger> {
    return new Finger(await page.context().newCDPSession(page));
  }

  /** Presses in the middle of something. */
  async press(target: Locator): Promise<void> {
    const box = await target.boundingBox();
    if (!box) expect.unreachable();
    this.#at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await this.#tell("touchStart");
  }

  /** Moves by so many pixels, in small steps as fingers do. */
  async move({ x, y }: Point): Promise<void> {
    const steps = 8;
    for (let step = 0; step < steps; step++) {
      this.#at = { x: this.#at.x + x / steps, y: this.#at.y + y / steps };
      await this.#tell("touchMove");
    }
  }

  async lift(): Promise<void> {
    await this.#session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }

  /** Presses, moves and lifts. */
  async drag(target: Locator, by: Point): Promise<void> {
    await this.press(target);
    await this.move(by);
    await this.lift();
  }

  async #tell(type: "touchStart" | "touchMove"): Promise<void> {
    await this.#session.send("Input.dispatchTouchEvent", { type, touchPoints: [this.#at] });
  }
}
