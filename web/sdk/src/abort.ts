// Abort: work that goes on elsewhere, until a signal says that nobody waits for it any more.

/** The promise, or the signal's reason as soon as it says so; `stop` is called then. */
export async function unless<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  stop: () => void = () => {},
): Promise<T> {
  if (!signal) return work;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      stop();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
