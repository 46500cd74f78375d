// ReplayFeed: records of the past as a terminal's picture: guarded, never answered, as fast as the terminal takes them.
import type { SerialRecord } from "seriald";
import { GAP, NOTE, sentenceOf } from "../views/entries.ts";
import { EscapeGuard, type Size } from "../views/escape-guard.ts";
import { LineFeedGuess } from "../views/line-feeds.ts";
import { GAP_LOOK, terminalLook, toldLine } from "../views/note-looks.ts";
import { decode, visible } from "../views/text.ts";

/** The part of a terminal that is fed. */
export interface Screen {
  write(data: string | Uint8Array, done: () => void): void;
  /** Empties it, behind all that was written. */
  reset(): void;
  /** LF also returns the carriage. */
  setReturnOnFeed(on: boolean): void;
  readonly size: Size;
  /** The column of the cursor; null on a full-screen program's own screen. */
  readonly column: number | null;
}

export interface FeedOptions {
  /** What was typed is shown, for devices that do not echo. */
  echo(): boolean;
  /** LF also returns the carriage; null to find out. */
  returnOnFeed(): boolean | null;
}

/** Bytes that may be on their way into the terminal. */
export const MOST_OUTSTANDING = 512 * 1024;

export class ReplayFeed {
  readonly #screen: Screen;
  readonly #options: FeedOptions;
  #guard = new EscapeGuard();
  #guess = new LineFeedGuess();
  #queue: SerialRecord[] = [];
  #outstanding = 0;
  #waiting = 0;
  // Callbacks of writes before a reset count for nothing.
  #turn = 0;

  constructor(screen: Screen, options: FeedOptions) {
    this.#screen = screen;
    this.#options = options;
  }

  /** Whether the terminal has enough to do. */
  get busy(): boolean {
    return this.#outstanding + this.#waiting > MOST_OUTSTANDING;
  }

  /** Begins on an empty screen. */
  reset(): void {
    this.#turn++;
    this.#guard = new EscapeGuard();
    this.#guess = new LineFeedGuess();
    this.#queue = [];
    this.#outstanding = 0;
    this.#waiting = 0;
    this.#screen.reset();
  }

  /** Shows records, behind those before. */
  show(records: readonly SerialRecord[]): void {
    for (const record of records) {
      this.#queue.push(record);
      this.#waiting += record.bytes.length;
    }
    this.#pump();
  }

  #pump(): void {
    let at = 0;
    for (; at < this.#queue.length; at++) {
      const record = this.#queue[at] as SerialRecord;
      const isTold = record.kind === "note" || record.kind === "gap";
      // Whether a Note would tear a line is known when all before it is written.
      if (isTold && this.#outstanding > 0) break;
      this.#waiting -= record.bytes.length;
      if (isTold) this.#tell(record);
      else if (record.kind === "rx") this.#rx(record.bytes);
      else if (this.#options.echo()) this.#write(visible(decode(record.bytes)), 1);
    }
    this.#queue.splice(0, at);
  }

  #rx(bytes: Uint8Array): void {
    this.#guard.size = this.#screen.size;
    this.#guess.take(bytes);
    this.#screen.setReturnOnFeed(this.#options.returnOnFeed() ?? this.#guess.isAlone);
    // What the terminal would answer is left out: the device has had its answers.
    for (const piece of this.#guard.filter(bytes, { answers: false }))
      this.#write(piece, piece.length);
  }

  #tell({ kind, note, offset, end }: SerialRecord): void {
    const { column } = this.#screen;
    const text = sentenceOf({ kind: kind === "note" ? NOTE : GAP, note, offset, end });
    if (column === null || text === "") return;
    this.#write(toldLine(text, note ? terminalLook(note) : GAP_LOOK, column), 1);
  }

  #write(data: string | Uint8Array, length: number): void {
    const turn = this.#turn;
    this.#outstanding += length;
    this.#screen.write(data, () => {
      if (turn !== this.#turn) return;
      this.#outstanding -= length;
      this.#pump();
    });
  }
}
