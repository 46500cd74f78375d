// ReplayTape: the coming records of a replay, a bounded stretch ahead of where it plays.
import type { Offset, SerialRecord } from "seriald";

/** Records between two offsets, as fast as they are taken. */
export type Source = (from: Offset, signal: AbortSignal) => AsyncIterable<readonly SerialRecord[]>;

// Bytes ahead below which more is asked for: seconds of any serial line, at any speed.
const LOW = 512 * 1024;
// A record costs something beside its bytes.
const OVERHEAD = 64;

export class ReplayTape {
  /** The records that come next, in order. */
  coming: SerialRecord[] = [];
  /** Nothing comes behind them. */
  ended = false;
  /** Why nothing more comes. */
  error: string | null = null;
  readonly #source: Source;
  readonly #onchange: () => void;
  #reading: AbortController | null = null;
  #ahead = 0;
  #resume: (() => void) | null = null;

  /** `onchange` is called when more has come, or the end. */
  constructor(source: Source, onchange: () => void) {
    this.#source = source;
    this.#onchange = onchange;
  }

  /** Forgets what comes and begins at an offset. */
  wind(from: Offset): void {
    this.close();
    this.coming = [];
    this.#ahead = 0;
    this.ended = false;
    this.error = null;
    const reading = new AbortController();
    this.#reading = reading;
    void this.#read(from, reading);
  }

  /** The first `count` of what comes have been played. */
  drop(count: number): void {
    if (count === 0) return;
    for (const record of this.coming.slice(0, count)) this.#ahead -= sizeOf(record);
    this.coming = this.coming.slice(count);
    if (this.#ahead >= LOW) return;
    this.#resume?.();
    this.#resume = null;
  }

  /** Asks for nothing more. */
  close(): void {
    this.#reading?.abort();
    this.#reading = null;
    this.#resume?.();
    this.#resume = null;
  }

  async #read(from: Offset, reading: AbortController): Promise<void> {
    try {
      for await (const batch of this.#source(from, reading.signal)) {
        if (this.#reading !== reading) return;
        for (const record of batch) {
          this.coming.push(record);
          this.#ahead += sizeOf(record);
        }
        this.#onchange();
        if (this.#ahead < LOW) continue;
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
      if (this.#reading === reading) this.ended = true;
    } catch (error) {
      if (this.#reading !== reading) return;
      this.ended = true;
      this.error = error instanceof Error ? error.message : String(error);
    }
    if (this.#reading === reading) this.#onchange();
  }
}

const sizeOf = ({ bytes }: SerialRecord): number => bytes.length + OVERHEAD;
