// Matcher: patterns run in a worker, one job after the other, each with a limit of time.
import type { Pattern, RangesJob, TestJob } from "./pattern.ts";

/** The part of a `Worker` that is used. */
export interface Runner {
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate(): void;
}

// A batch of rows takes some milliseconds; an expression that needs this long would need for ever.
const PATIENCE_MS = 2000;

interface Waiting {
  job: TestJob | RangesJob;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export const TOO_SLOW = "This expression takes too long on these lines.";

export class Matcher {
  #spawn: () => Runner;
  #runner: Runner | null = null;
  #queue: Waiting[] = [];
  #running: Waiting | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(spawn: () => Runner = spawnWorker) {
    this.#spawn = spawn;
  }

  /** Whether each row has the pattern. The bytes are given away. */
  test(pattern: Pattern, bytes: Uint8Array, ends: Uint32Array): Promise<Uint8Array> {
    return this.#ask({ kind: "test", pattern, bytes, ends }) as Promise<Uint8Array>;
  }

  /** Where each text has the pattern. */
  ranges(pattern: Pattern, texts: string[]): Promise<number[][]> {
    return this.#ask({ kind: "ranges", pattern, texts }) as Promise<number[][]>;
  }

  /** Ends the worker; what waits is never answered. */
  close(): void {
    clearTimeout(this.#timer);
    this.#runner?.terminate();
    this.#runner = null;
    this.#queue = [];
    this.#running = null;
  }

  #ask(job: TestJob | RangesJob): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running) return;
    const waiting = this.#queue.shift();
    if (!waiting) return;
    this.#running = waiting;
    this.#runner ??= this.#spawn();
    this.#runner.onmessage = ({ data }) => this.#done().resolve(data);
    this.#runner.onerror = (event) => this.#fail(event.message || "the search worker failed");
    this.#timer = setTimeout(() => this.#fail(TOO_SLOW), PATIENCE_MS);
    const transfer = waiting.job.kind === "test" ? [waiting.job.bytes.buffer as ArrayBuffer] : [];
    this.#runner.postMessage(waiting.job, transfer);
  }

  #fail(message: string): void {
    this.#runner?.terminate();
    this.#runner = null;
    this.#done().reject(new Error(message));
  }

  #done(): Waiting {
    clearTimeout(this.#timer);
    const waiting = this.#running as Waiting;
    this.#running = null;
    queueMicrotask(() => this.#next());
    return waiting;
  }
}

function spawnWorker(): Runner {
  return new Worker(new URL("./match-worker.ts", import.meta.url), { type: "module" });
}
