// Save: a file on its way from the server to this machine, with what it has so far.
import { askAt } from "../model/ask.ts";

/** Where bytes are put. */
export type Target = WritableStream<Uint8Array>;

// What browsers have that let a page write a file; TypeScript's library does not name it yet.
interface FilePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<{
    createWritable(): Promise<Target>;
  }>;
}

/** The length of the stretch of the journal that an answer is of. */
const LENGTH_HEADER = "x-seriald-bytes";

export class Save {
  /** Bytes in the file. */
  written = $state(0);
  /** Bytes of the journal that it is made of; null where the server does not say. */
  recorded: number | null = $state(null);
  problem: string | null = $state(null);
  #saving: AbortController | null = $state.raw(null);

  get running(): boolean {
    return this.#saving !== null;
  }

  /** How much there is; what is wrong with the question is told as a problem. */
  async measure(address: string, signal: AbortSignal): Promise<void> {
    this.problem = null;
    try {
      const response = await askAt(address, { method: "HEAD", signal }).catch(async (error) => {
        // Only a whole answer says why.
        await askAt(address, { signal });
        throw error;
      });
      const length = Number(response.headers.get(LENGTH_HEADER) ?? Number.NaN);
      this.recorded = Number.isSafeInteger(length) ? length : null;
    } catch (error) {
      if (signal.aborted) return;
      this.recorded = null;
      this.problem = messageOf(error);
    }
  }

  /** Saves to a file that the person picks; answers whether it is whole. Without a picker the browser downloads by itself. */
  async run(address: string, name: string): Promise<boolean> {
    this.problem = null;
    this.written = 0;
    try {
      const target = await pick(name);
      if (!target) {
        download(address, name);
        return true;
      }
      return await this.#stream(address, target);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError"))
        this.problem = messageOf(error);
      return false;
    }
  }

  /** Stops; what was written is thrown away. */
  stop(): void {
    this.#saving?.abort();
  }

  async #stream(address: string, target: Target): Promise<boolean> {
    const saving = new AbortController();
    this.#saving = saving;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        this.written += chunk.length;
        controller.enqueue(chunk);
      },
    });
    try {
      const response = await askAt(address, { signal: saving.signal });
      const body = response.body ?? new Blob([]).stream();
      await body.pipeThrough(count).pipeTo(target, { signal: saving.signal });
      return true;
    } catch (error) {
      await target.abort().catch(() => undefined);
      if (!saving.signal.aborted) throw error;
      return false;
    } finally {
      this.#saving = null;
    }
  }
}

async function pick(suggestedName: string): Promise<Target | null> {
  const { showSaveFilePicker } = window as FilePicker;
  if (!showSaveFilePicker) return null;
  const file = await showSaveFilePicker.call(window, { suggestedName });
  return file.createWritable();
}

/** Has the browser download by itself. */
export function download(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
