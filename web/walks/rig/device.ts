// Devices of a walk: demo devices that can be unplugged, and ptys that say what the walk wants.

import { existsSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { Process } from "./process.ts";
import { program } from "./program.ts";

const FAR_END = fileURLToPath(new URL("pty.py", import.meta.url));

export type DemoKind = "sensor" | "arm" | "login" | "stream";

/** A demo device behind a link, which can be unplugged and plugged in again. */
export class DemoDevice {
  readonly #kind: string;
  readonly path: string;
  #process: Process | null = null;

  constructor(kind: DemoKind, path: string) {
    this.#kind = kind;
    this.path = path;
  }

  /** Plugs it in. */
  async plug(): Promise<void> {
    const before = existsSync(this.path) ? readlinkSync(this.path) : "";
    this.#process = new Process(program(), ["demo-device", this.#kind, "--link", this.path]);
    this.#process.stdout.resume();
    await expect.poll(() => existsSync(this.path) && readlinkSync(this.path) !== before).toBe(true);
  }

  /** Pulls it out. */
  async unplug(): Promise<void> {
    await this.#process?.kill("SIGTERM");
    this.#process = null;
  }
}

/** A pty whose far end is the walk's: it writes what a device would say and reads what reaches it. */
export class Pty {
  readonly #process: Process;
  readonly path: string;
  #received: Buffer[] = [];

  private constructor(process: Process, path: string) {
    this.#process = process;
    this.path = path;
    process.stdout.on("data", (chunk: Buffer) => this.#received.push(chunk));
  }

  static async open(): Promise<Pty> {
    const process = new Process("python3", ["-u", FAR_END]);
    return new Pty(process, await process.firstLine());
  }

  /** What has reached the device. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Says something; resolves when the pty has room for more. */
  async say(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>((done) => this.#process.stdin.write(bytes, () => done()));
  }

  async close(): Promise<void> {
    await this.#process.kill("SIGKILL");
  }
}
