// TerminalFeed: brings a log to a terminal, guarded, as fast as the terminal takes it, and no faster.
import { amount } from "../model/format.ts";
import { type Entry, RX, sentenceOf, TX } from "./entries.ts";
import { EscapeGuard, type Size } from "./escape-guard.ts";
import { LineFeedGuess } from "./line-feeds.ts";
import { GAP_LOOK, type TerminalLook, terminalLook, toldLine } from "./note-looks.ts";
import type { PortStore } from "./port-store.ts";
import { decode, visible } from "./text.ts";

/** The part of a terminal that is fed. */
export interface Screen {
  write(data: string | Uint8Array, done: () => void): void;
  /** Empties it, behind all that was written; until then it is as it was. `still`: it is drawn again when it was told to `settle`. */
  reset(still: boolean): void;
  /** LF also returns the carriage. */
  setReturnOnFeed(on: boolean): void;
  /** What was written so far stands above this; told once per piece. */
  mark(offset: number): void;
  readonly size: Size;
  /** The column of the cursor; null on a full-screen program's own screen. */
  readonly column: number | null;
}

export interface FeedOptions {
  /** This page answers the device's queries, as far as they are live. */
  answers(): boolean;
  /** What is typed is shown, for devices that do not echo. */
  echo(): boolean;
  /** LF also returns the carriage; null to find out. */
  returnOnFeed(): boolean | null;
  /** All that is to be written for now is in the terminal. */
  onidle?(): void;
}

/** Bytes that are replayed when a terminal begins. */
export const REPLAY = 256 * 1024;
// A write of the terminal takes a piece; several are under way, so that it never waits for the page.
const PIECE = 64 * 1024;
const REPLAY_PIECE = 4 * 1024;
const WINDOW = 16 * PIECE;
// A terminal that is further behind shows the newest instead: the other views have everything.
const MOST_BEHIND = 4 * 1024 * 1024;
// Rows of the lines view that a terminal in the past has above and below what is in sight; as many bytes at most as half a replay.
const ROWS_AROUND = 4000;
const LF = 10;

export class TerminalFeed {
  #store: PortStore;
  #screen: Screen;
  #options: FeedOptions;
  #guard = new EscapeGuard();
  #guess = new LineFeedGuess();
  // The entry to be fed next, and the offset within it.
  #number = 0;
  #next = 0;
  #replayTo = 0;
  #outstanding = 0;
  // Where what was fed begins.
  #from = 0;
  // A piece ends here, so that its mark is exact.
  #split = -1;
  // What lies behind this is fed when it is nearer to what is in sight.
  #limit = Number.POSITIVE_INFINITY;
  // The limit held something back.
  #held = false;
  // Nothing was written since the reset.
  #blank = true;
  #running = false;
  #generation = -1;
  #start = 0;
  // Callbacks of writes before a reset count for nothing.
  #turn = 0;

  constructor(store: PortStore, screen: Screen, options: FeedOptions) {
    this.#store = store;
    this.#screen = screen;
    this.#options = options;
  }

  /** Bytes that are on their way into the terminal. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Where what is in the terminal begins. */
  get from(): number {
    return this.#from;
  }

  /** The offset behind what was fed. */
  get next(): number {
    return this.#next;
  }

  /** Whether the terminal has the newest there is. */
  get isCaughtUp(): boolean {
    return this.#store.log.isLive && this.#next >= this.#store.shownTo;
  }

  /** Whether the log is another one than the one that was fed, so that all begins anew. */
  get isStale(): boolean {
    const { log } = this.#store;
    return this.#generation !== log.generation || this.#start !== log.start;
  }

  /** Feeds up to what lies not far below an offset that is in sight; null for all that comes. */
  reach(sight: number | null): void {
    const { lines } = this.#store;
    if (sight === null) {
      this.#limit = Number.POSITIVE_INFINITY;
      return;
    }
    const row = Math.min(lines.find(sight) + ROWS_AROUND, lines.next - 1);
    const far = row >= lines.first ? lines.row(row).end : sight;
    // Never less than a piece, so that a long line goes on.
    this.#limit = Math.max(sight + REPLAY_PIECE, Math.min(far, sight + REPLAY / 2));
  }

  /** Feeds from now on. What came while it did not run is shown, and answered no more. */
  run(): void {
    this.#running = true;
    this.#replayTo = this.#store.log.head;
    this.pump();
  }

  /** Feeds no more. */
  stop(): void {
    this.#running = false;
  }

  /** Begins anew: with the newest, or where one looks with an offset in sight, around that. */
  restart(sight: number | null = null): void {
    const { log } = this.#store;
    this.#turn++;
    this.#outstanding = 0;
    this.#generation = log.generation;
    this.#start = log.start;
    this.#guard = new EscapeGuard();
    this.#guess = new LineFeedGuess();
    this.#replayTo = log.head;
    this.#screen.reset(sight !== null);
    this.#blank = true;
    this.#held = false;
    this.#split = sight ?? -1;
    this.reach(sight);
    const wanted = sight === null ? this.#store.shownTo - REPLAY : this.#above(sight);
    this.#next = Math.max(log.firstShown, wanted);
    if (this.#next > log.firstShown) this.#next = this.#lineBehind(this.#next, sight);
    this.#from = this.#next;
    this.#number = log.entries.find(this.#next);
    // A new journal begins with a gap that has no length.
    const before = this.#number - 1;
    if (before >= log.entries.first && log.entry(before).offset === this.#next)
      this.#number = before;
    this.#write("", 0, this.#from);
    this.#blank = true;
  }

  /** The log has let entries go; those that come again have other numbers. */
  cutOff(): void {
    const { entries } = this.#store.log;
    if (this.#number < entries.first) this.#generation = -1;
    if (this.#number > entries.next) this.#number = entries.next;
  }

  /** Feeds what there is, as much as the terminal may have under way. */
  pump(): void {
    const { log } = this.#store;
    if (!this.#running) return;
    if (this.isStale) this.restart();
    const behind = this.#store.shownTo - this.#next;
    if (behind > MOST_BEHIND && this.#limit === Number.POSITIVE_INFINITY) this.#skip(behind);
    this.#guard.size = this.#screen.size;
    while (this.#outstanding < WINDOW && this.#hasMore()) {
      if (this.#held) this.#replayTo = log.head;
      this.#held = false;
      const entry = log.entry(this.#number);
      // What was fed is cut elsewhere since it went and came again.
      if (entry.end <= this.#next && entry.end > entry.offset) {
        this.#number++;
        continue;
      }
      // Whether a Note would tear a line is known when all before it is written.
      if (entry.kind !== RX && entry.kind !== TX && this.#outstanding > 0) return;
      if (entry.kind === RX) {
        this.#feedRx();
        continue;
      }
      this.#number++;
      this.#next = entry.end;
      if (entry.kind !== TX)
        this.#tell(sentenceOf(entry), entry.note ? terminalLook(entry.note) : GAP_LOOK);
      else if (this.#options.echo()) this.#write(visible(decode(entry.bytes)), entry.bytes.length);
    }
    if (this.#outstanding === 0) this.#options.onidle?.();
  }

  #hasMore(): boolean {
    const { log, until } = this.#store;
    if (this.#number >= log.entries.next || (until !== null && this.#next >= until)) return false;
    if (this.#next < this.#limit) return true;
    this.#held = true;
    return false;
  }

  // Where a terminal begins that has an offset in sight.
  #above(sight: number): number {
    const { lines } = this.#store;
    const row = Math.max(lines.first, lines.find(sight) - ROWS_AROUND);
    const far = row < lines.next ? lines.row(row).offset : 0;
    return Math.max(far, sight - REPLAY / 2);
  }

  // Records that follow each other are one write: a device that sends byte by byte costs no more.
  #feedRx(): void {
    const { log } = this.#store;
    const isReplay = this.#next < this.#replayTo;
    const stop = this.#split > this.#next ? this.#split : Number.POSITIVE_INFINITY;
    const shownTo = Math.min(this.#store.shownTo, this.#limit, stop);
    const most = Math.min(isReplay ? REPLAY_PIECE : PIECE, shownTo - this.#next);
    const parts: Uint8Array[] = [];
    const answers = this.#answers(log.entry(this.#number));
    let length = 0;
    while (this.#number < log.entries.next && length < most) {
      const entry = log.entry(this.#number);
      if (entry.kind !== RX || entry.offset >= shownTo) break;
      if (this.#answers(entry) !== answers) break;
      const from = Math.max(0, this.#next - entry.offset);
      const part = entry.bytes.subarray(from, from + most - length);
      this.#guess.take(part);
      parts.push(...this.#guard.filter(part, { answers }));
      length += part.length;
      this.#next = entry.offset + from + part.length;
      if (this.#next >= entry.end) this.#number++;
    }
    this.#screen.setReturnOnFeed(this.#options.returnOnFeed() ?? this.#guess.isAlone);
    const offset = this.#next;
    if (parts.length === 0) return;
    parts.forEach((part, at) => {
      const isLast = at === parts.length - 1;
      this.#write(part, isLast ? length : 0, isLast ? offset : undefined);
    });
  }

  #answers({ live, offset }: Entry): boolean {
    return live && offset >= this.#replayTo && this.#options.answers();
  }

  #write(data: string | Uint8Array, length: number, mark?: number): void {
    const turn = this.#turn;
    this.#outstanding += length;
    this.#blank = false;
    this.#screen.write(data, () => {
      if (turn !== this.#turn) return;
      this.#outstanding -= length;
      if (mark !== undefined) this.#screen.mark(mark);
      if (length > 0) this.pump();
    });
  }

  #tell(text: string, look: TerminalLook): void {
    const column = this.#blank ? 0 : this.#screen.column;
    if (column === null || text === "") return;
    this.#write(toldLine(text, look, column), 1, this.#next);
  }

  #skip(behind: number): void {
    this.restart();
    const missed = behind - (this.#store.shownTo - this.#next);
    if (missed > 0) this.#tell(`${amount(missed)} were too fast to be shown here`, GAP_LOOK);
  }

  // The first line that begins behind an offset and not behind what is to be in sight; the offset itself where none does soon.
  #lineBehind(offset: number, sight: number | null): number {
    const to = Math.min(offset + PIECE, sight ?? Number.POSITIVE_INFINITY);
    for (const run of this.#store.log.runs(offset, to)) {
      const at = run.kind === RX ? run.bytes.indexOf(LF) : -1;
      if (at >= 0) return run.offset + at + 1;
    }
    return offset;
  }
}
