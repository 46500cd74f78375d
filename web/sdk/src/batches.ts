// Batches: a subscription's records as an async iterator, which holds the server back while it is not asked for more.
import type { SerialdError } from "./error.ts";
import type { Port } from "./port.ts";
import type { SerialRecord } from "./record.ts";
import type { SubscribeOptions } from "./subscription.ts";
import type { From, Offset } from "./talk.ts";

export interface ReadOptions {
  /** Where to begin: an offset, −N for N bytes before the head, or `"oldest"`. */
  from: From;
  /** The offset to end before; at most the head. */
  to: Offset;
  /** The journal that the offsets are of: if the port has another now, the reading fails with `out-of-range`. */
  journal?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Records in batches, as fast as they are taken. It ends where the subscription does, or when the signal says so. */
export async function* batches(
  port: Port,
  options: SubscribeOptions,
  signal?: AbortSignal,
): AsyncGenerator<readonly SerialRecord[], void, void> {
  let queue: SerialRecord[] = [];
  let failure: SerialdError | null = null;
  let begun = false;
  let ended = false;
  let wake = () => {};
  let taken = () => {};
  // A journal that is another one heals a subscription without end, which begins anew, and ends a reading of the past.
  const heals = (code: string) => (code === "out-of-range" ? options.to === undefined : begun);
  const subscription = port.subscribe(options, {
    begin() {
      begun = true;
    },
    records(batch) {
      for (const record of batch) queue.push(record);
      const drained = new Promise<void>((resolve) => {
        const before = taken;
        taken = () => {
          before();
          resolve();
        };
      });
      wake();
      return drained;
    },
    end() {
      ended = true;
      wake();
    },
    error(error) {
      if (heals(error.code)) return;
      failure = error;
      wake();
    },
  });
  const stop = () => wake();
  signal?.addEventListener("abort", stop);
  try {
    while (!signal?.aborted) {
      if (failure) throw failure;
      const batch = queue;
      if (batch.length > 0) {
        const done = taken;
        queue = [];
        taken = () => {};
        yield batch;
        done();
      } else if (ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    subscription.close();
  }
}

/** Records of the past up to an offset, in batches; fails where the signal stops it, so that a part is never taken for the whole. */
export async function* read(
  port: Port,
  { from, to, journal, signal }: ReadOptions,
): AsyncGenerator<readonly SerialRecord[], void, void> {
  signal?.throwIfAborted();
  yield* batches(port, { from, to, journal }, signal);
  signal?.throwIfAborted();
}
