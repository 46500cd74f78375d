// Transfer: a file or a long paste on its way to a device, that can be watched and stopped.
import type { Port, SendOptions } from "seriald";
import { amount } from "../model/format.ts";

export class Transfer {
  readonly #port: Port;
  #abort: AbortController | null = $state.raw(null);
  /** Bytes that the device took. */
  sent = $state(0);
  total = $state(0);
  /** Why the last one did not come to its end. */
  problem: string | null = $state(null);

  constructor(port: Port) {
    this.#port = port;
  }

  get running(): boolean {
    return this.#abort !== null;
  }

  /** Sends everything; answers whether it came to its end. */
  async run(
    data: Blob,
    pace: Pick<SendOptions, "chunk" | "chunkDelay" | "lineDelay">,
  ): Promise<boolean> {
    const abort = new AbortController();
    this.#abort = abort;
    this.sent = 0;
    this.total = data.size;
    this.problem = null;
    try {
      await this.#port.send(new Uint8Array(await data.arrayBuffer()), {
        ...pace,
        signal: abort.signal,
        progress: (sent) => {
          this.sent = sent;
        },
      });
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const how = abort.signal.aborted ? "Stopped" : reason;
      this.problem = `${how} (after ${amount(this.sent)} of ${amount(this.total)})`;
      return false;
    } finally {
      this.#abort = null;
    }
  }

  stop(): void {
    this.#abort?.abort();
  }
}
