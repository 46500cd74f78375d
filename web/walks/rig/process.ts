// A process of a walk: its output by lines, its input, and a sure end.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

const START_MS = 20_000;

export class Process {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exit: Promise<unknown>;
  #talk = "";

  constructor(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(path, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.#exit = once(this.#child, "exit");
    this.#child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#talk += text;
    });
    // Whoever ends a process may still have something in its pipe.
    this.#child.stdin.on("error", () => {});
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  get stdout(): Readable {
    return this.#child.stdout;
  }

  /** The first line of the output. */
  async firstLine(): Promise<string> {
    let text = "";
    const line = new Promise<string>((done, failed) => {
      const deadline = setTimeout(() => failed(this.#failure("said nothing")), START_MS);
      const take = (chunk: Buffer) => {
        text += chunk.toString();
        const end = text.indexOf("\n");
        if (end < 0) return;
        clearTimeout(deadline);
        this.#child.stdout.off("data", take);
        done(text.slice(0, end));
      };
      this.#child.stdout.on("data", take);
      this.#child.once("error", failed);
      this.#exit.then(() => failed(this.#failure("ended")), failed);
    });
    return line;
  }

  /** Ends it, and returns when it has ended. */
  async kill(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    await this.#exit;
  }

  #failure(what: string): Error {
    return new Error(`${this.#child.spawnargs.join(" ")}: ${what}\n${this.#talk}`);
  }
}
