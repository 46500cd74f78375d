// TerminalPlace: which offset of the log a row of the terminal shows, by marks that move with the rows.
import type { IMarker } from "@xterm/xterm";
import { type PortLog, RX } from "./log.ts";

const LF = 10;
const MOST_MARKS = 400;
// Marks are moved by the terminal at each line that leaves; a flood must not have many.
const PAUSE_MS = 100;
// In a flood all rows may be of one such pause; some must have a mark.
const MOST_UNMARKED = 32 * 1024;
const FARTHEST = 1 << 20;

interface Mark {
  offset: number;
  marker: Pick<IMarker, "line" | "isDisposed" | "dispose">;
}

export class TerminalPlace {
  #log: PortLog;
  #marks: Mark[] = [];
  #last = { time: 0, offset: 0 };

  constructor(log: PortLog) {
    this.#log = log;
  }

  /** Marks the row of the cursor as the one that holds the offset. */
  mark(offset: number, register: () => IMarker | undefined, now: number, dense: boolean): void {
    const isSoon = now - this.#last.time < PAUSE_MS;
    if (!dense && isSoon && offset - this.#last.offset < MOST_UNMARKED) return;
    const marker = register();
    if (!marker) return;
    this.#last = { time: now, offset };
    this.#marks = this.#marks.filter((mark) => !mark.marker.isDisposed);
    if (this.#marks.length >= MOST_MARKS) this.#thin();
    this.#marks.push({ offset, marker });
  }

  /** Forgets every mark. */
  clear(): void {
    for (const { marker } of this.#marks) marker.dispose();
    this.#marks = [];
    this.#last = { time: 0, offset: 0 };
  }

  /** The offset at the beginning of a row, to the precision that marks and line feeds give. */
  offsetAt(line: number): number {
    const mark = this.#before(({ marker }) => marker.line <= line);
    if (!mark) return this.#aboveMarks(line);
    let offset = mark.offset;
    let feeds = line - mark.marker.line;
    for (const run of this.#log.runs(offset, offset + FARTHEST)) {
      if (feeds <= 0) break;
      if (run.kind !== RX) continue;
      for (let at = run.bytes.indexOf(LF); at >= 0 && feeds > 0; feeds--) {
        offset = run.offset + at + 1;
        at = run.bytes.indexOf(LF, at + 1);
      }
    }
    return offset;
  }

  /** The row that shows an offset; null where no row does. */
  lineOf(offset: number): number | null {
    const mark = this.#before((known) => known.offset <= offset);
    if (!mark) return null;
    let line = mark.marker.line;
    for (const run of this.#log.runs(mark.offset, Math.min(offset, mark.offset + FARTHEST))) {
      if (run.kind !== RX) continue;
      for (let at = run.bytes.indexOf(LF); at >= 0; at = run.bytes.indexOf(LF, at + 1)) line++;
    }
    return line;
  }

  // The rows that had a mark before this one have left the terminal.
  #aboveMarks(line: number): number {
    const mark = this.#marks.find(({ marker }) => !marker.isDisposed);
    if (!mark) return this.#log.firstShown;
    let feeds = mark.marker.line - line;
    const runs = [...this.#log.runs(mark.offset - FARTHEST, mark.offset)];
    for (const run of runs.reverse()) {
      if (run.kind !== RX) continue;
      let at = run.bytes.lastIndexOf(LF);
      for (; at >= 0; at = at > 0 ? run.bytes.lastIndexOf(LF, at - 1) : -1)
        if (feeds-- <= 0) return run.offset + at + 1;
    }
    return Math.max(this.#log.firstShown, mark.offset - FARTHEST);
  }

  #before(isBefore: (mark: Mark) => boolean): Mark | undefined {
    return this.#marks.findLast((mark) => !mark.marker.isDisposed && isBefore(mark));
  }

  #thin(): void {
    this.#marks = this.#marks.filter((mark, i) => {
      if (i % 2 === 0) return true;
      mark.marker.dispose();
      return false;
    });
  }
}
