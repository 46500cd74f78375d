// Tints: the lines that triggers have coloured, as the Notes of a log tell.
import type { Note } from "seriald";
import type { PortLog } from "./log.ts";

/** What a colour means. */
export type Tint = "good" | "warn" | "bad";

const TINTS: readonly unknown[] = ["good", "warn", "bad"] satisfies Tint[];

/** The colour that a Note gives, or has itself; null where it is no trigger's, or none that is known. */
export function tintOf(note: Note | undefined): Tint | null {
  if (note?.what !== "trigger" || !TINTS.includes(note.colour)) return null;
  return note.colour as Tint;
}

/** Lines beyond it are coloured so far. */
const MOST_LENGTH = 64 * 1024;

interface Stretch {
  from: number;
  to: number;
  tint: Tint;
  /** The entry that told it. */
  entry: number;
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value);

export class Tints {
  readonly #log: PortLog;
  // By where they begin.
  #stretches: Stretch[] = [];
  #generation = -1;
  // The entries that were looked at.
  #from = 0;
  #to = 0;
  readonly #changed = new Set<() => void>();

  constructor(log: PortLog) {
    this.#log = log;
    log.oncut(() => this.#cut());
  }

  /** Calls the listener when lines have got a colour, or lost one; answers how to stop that. */
  onchanged(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** Takes in what the log has got. */
  take(): void {
    const { entries, generation } = this.#log;
    if (this.#generation !== generation) this.#restart();
    const before = this.#stretches.length;
    this.#look(entries.first, this.#from);
    this.#look(this.#to, entries.next);
    this.#from = entries.first;
    this.#to = entries.next;
    if (this.#stretches.length !== before) this.#tell();
  }

  /** The colour of what lies between two offsets: the last that was given. */
  between(from: number, to: number): Tint | null {
    let last: Stretch | null = null;
    for (let at = this.#behind(to - 1) - 1; at >= 0; at--) {
      const stretch = this.#stretches[at] as Stretch;
      if (stretch.from < from - MOST_LENGTH) break;
      if (stretch.to > from && (!last || stretch.entry > last.entry)) last = stretch;
    }
    return last?.tint ?? null;
  }

  #restart(): void {
    const { entries, generation } = this.#log;
    this.#generation = generation;
    this.#from = entries.first;
    this.#to = entries.first;
    if (this.#stretches.length === 0) return;
    this.#stretches = [];
    this.#tell();
  }

  #look(from: number, to: number): void {
    for (const [entry, note] of this.#log.entries.notes(from, to)) {
      const tint = tintOf(note);
      const { at, length } = note;
      if (!tint || !isOffset(at) || !isOffset(length)) continue;
      const stretch = { from: at, to: at + Math.min(length, MOST_LENGTH), tint, entry };
      this.#stretches.splice(this.#behind(at), 0, stretch);
    }
  }

  /** The number of stretches that begin at an offset or before it. */
  #behind(offset: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#stretches[middle] as Stretch).from <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cut(): void {
    const { first, next } = this.#log.entries;
    this.#from = Math.max(this.#from, first);
    this.#to = Math.min(Math.max(this.#to, first), next);
    const kept = this.#stretches.filter(({ entry }) => entry >= first && entry < next);
    if (kept.length === this.#stretches.length) return;
    this.#stretches = kept;
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#changed) changed();
  }
}
