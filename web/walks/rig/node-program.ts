// A program in Node that uses the SDK's package, as people write it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { Process } from "./process.ts";

/** What tells a program's failure where its talk is read. */
const WATCH = `process.on("uncaughtException", (error) => console.log("FAILED", error));`;

export class NodeProgram {
  readonly #process: Process;
  #said = "";

  /** Runs a module in a folder that has the package; in Node 20 with the WebSocket that later ones have. */
  constructor(folder: string, code: string) {
    const [watch, file] = [join(folder, "watch.mjs"), join(folder, "program.mjs")];
    writeFileSync(watch, WATCH);
    writeFileSync(file, code);
    const args = ["--experimental-websocket", "--import", pathToFileURL(watch).href, file];
    this.#process = new Process(process.execPath, args, { NODE_NO_WARNINGS: "1" });
    this.#process.stdout.on("data", (text) => {
      this.#said += text;
    });
  }

  /** Waits until it has said something; fails if it fails before. */
  async says(text: RegExp): Promise<string> {
    await expect.poll(() => this.#said).toMatch(new RegExp(`${text.source}|FAILED`, text.flags));
    expect(this.#said).not.toContain("FAILED");
    return this.#said;
  }

  async close(): Promise<void> {
    await this.#process.kill("SIGKILL");
  }
}
