// Send: a large or a paced write, as many small ones.
import { SerialdError } from "./error.ts";
import type { Port } from "./port.ts";

export interface SendOptions {
  /** Bytes of one write, 1024 unless told. Others' writes may come between two chunks. */
  chunk?: number | undefined;
  /** Milliseconds to wait after each line, for devices that need time for it. */
  lineDelay?: number | undefined;
  /** Milliseconds to wait after each chunk. */
  chunkDelay?: number | undefined;
  /** Stops between two chunks, and throws away what the device has not taken. */
  signal?: AbortSignal | undefined;
  progress?: ((sent: number, total: number) => void) | undefined;
}

const CHUNK = 1024;
/** How soon a full queue is tried again; each time twice as late, up to the last. */
const FULL_DELAYS = { first: 50, last: 1_000 };
const LF = 10;
const CR = 13;

/** Sends everything, each chunk after the device took the one before. Rejects with the numbers `sent` and `total` in the error's detail. */
export async function send(port: Port, bytes: Uint8Array, options: SendOptions): Promise<void> {
  const { chunk = CHUNK, lineDelay = 0, chunkDelay = 0, signal, progress } = options;
  const size = Math.max(1, Math.floor(chunk));
  for (let sent = 0; sent < bytes.length; ) {
    signal?.throwIfAborted();
    const end = lineDelay > 0 ? lineEnd(bytes, sent) : bytes.length;
    const stop = Math.min(end, sent + size);
    await writeWhole(port, bytes.subarray(sent, stop), signal).catch((error) => {
      throw error instanceof SerialdError
        ? new SerialdError(error.code, error.message, {
            ...error.detail,
            sent,
            total: bytes.length,
          })
        : error;
    });
    sent = stop;
    progress?.(sent, bytes.length);
    if (sent < bytes.length) await delay(stop === end ? lineDelay : chunkDelay, signal);
  }
}

/** Where the line that begins at `at` ends, behind its CR, LF or CRLF. */
function lineEnd(bytes: Uint8Array, at: number): number {
  for (let i = at; i < bytes.length; i++) {
    if (bytes[i] === LF) return i + 1;
    if (bytes[i] === CR) return bytes[i + 1] === LF ? i + 2 : i + 1;
  }
  return bytes.length;
}

/** Writes one chunk, again while the port's queue is full. */
async function writeWhole(port: Port, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const cancel = () => void port.cancel().catch(() => {});
  for (let wait = FULL_DELAYS.first; ; wait = Math.min(2 * wait, FULL_DELAYS.last)) {
    signal?.addEventListener("abort", cancel);
    try {
      await port.write(bytes);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof SerialdError) || error.code !== "queue-full") throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
    await delay(wait, signal);
  }
}

function delay(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort);
  });
}
