// Batches: what a subscription brings as an async iterator, which holds the server back while it is not asked for more.
import type { Listener, Subscription } from "./channel-reader.ts";
import type { SerialdError } from "./error.ts";
import type { End, Place } from "./place.ts";
import type { Port } from "./port.ts";
import type { SerialRecord } from "./record.ts";
import type { SubscribeOptions } from "./subscription.ts";

export interface ReadOptions {
  /** Where to begin. */
  from: Place;
  /** Where to end before; at most the head. */
  to: End;
  /** The journal that the offsets are of: if the port has another now, the reading fails with `out-of-range`. */
  journal?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What a subscription puts its gifts into, until they are taken. */
export interface Well<T> extends Required<Listener> {
  /** Resolves when they were taken. */
  put(gifts: readonly T[]): Promise<void>;
}

/** What a subscription brings, in batches as fast as they are taken. It ends where the subscription does, or when the signal says so. */
export async function* drawn<T>(
  subscribe: (well: Well<T>) => Subscription,
  isBounded: boolean,
  signal?: AbortSignal,
): AsyncGenerator<readonly T[], void, void> {
  let queue: T[] = [];
  let failure: SerialdError | null = null;
  let begun = false;
  let ended = false;
  let wake = () => {};
  /** Who waits for what is in the queue to be taken. */
  let waiting: (() => void)[] = [];
  // A journal that is another one heals a subscription without end, which begins anew, and ends a reading of the past.
  const heals = (code: string) => (code === "out-of-range" ? !isBounded : begun);
  const subscription = subscribe({
    begin() {
      begun = true;
    },
    put(gifts) {
      for (const gift of gifts) queue.push(gift);
      wake();
      return new Promise((resolve) => {
        waiting.push(resolve);
      });
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
        const putters = waiting;
        queue = [];
        waiting = [];
        yield batch;
        for (const done of putters) done();
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

/** Records in batches, as fast as they are taken. */
export function batches(
  port: Port,
  options: SubscribeOptions,
  signal?: AbortSignal,
): AsyncGenerator<readonly SerialRecord[], void, void> {
  return drawn<SerialRecord>(
    (well) => port.subscribe(options, { ...well, records: well.put }),
    options.to !== undefined,
    signal,
  );
}

/** Records of the past up to a place, in batches; fails where the signal stops it, so that a part is never taken for the whole. */
export async function* read(
  port: Port,
  { from, to, journal, signal }: ReadOptions,
): AsyncGenerator<readonly SerialRecord[], void, void> {
  signal?.throwIfAborted();
  yield* batches(port, { from, to, journal }, signal);
  signal?.throwIfAborted();
}
