// Activity: a timeline's steps as bars to draw, and the way between offsets and times that they give.
import type { Mark, Step, Timeline } from "./answers.ts";
import { shareOf, type TimeSpan } from "./time-axis.ts";

/** A bar of the timeline; places and sizes are shares of the picture. */
export interface Bar {
  step: Step;
  left: number;
  width: number;
  /** What came in stands at the bottom, what was sent on top of it. */
  rx: number;
  tx: number;
}

/** The bars of a stretch. The scale is the square root of the highest, so that a few bytes beside a flood still show. */
export function barsOf({ points, step }: Timeline, span: TimeSpan): Bar[] {
  const seen = points.filter(({ time }) => time + step > span.from && time < span.to);
  const top = Math.max(...seen.map(({ rx, tx }) => rx + tx), 1);
  return seen.map((each) => {
    const left = Math.max(0, shareOf(each.time, span));
    const right = Math.min(1, shareOf(each.time + step, span));
    const all = each.rx + each.tx;
    const height = Math.sqrt(all / top);
    const rx = all > 0 ? (height * each.rx) / all : 0;
    return { step: each, left, width: Math.max(0, right - left), rx, tx: height - rx };
  });
}

/** The step that a time is in. */
export function stepAt({ points, step }: Timeline, time: number): Step | null {
  return points.find((each) => each.time <= time && time < each.time + step) ?? null;
}

/** A place that is known by both: offset and time. */
interface Place {
  time: number;
  offset: number;
}

/** Between offsets and times, by what a timeline knows: exact at its steps, even in between. */
export class Passage {
  #places: Place[];

  /** `head` is where the journal ends now, and `since` when it begins: within the first step, or before it. */
  constructor({ points, step }: Timeline, head: Place, since = 0) {
    const places: Place[] = [];
    points.forEach((each, at) => {
      const begins = each.time + step > since ? Math.max(each.time, since) : each.time;
      places.push({ time: begins, offset: each.offset });
      // Nothing happened between the end of a step and the next one that is told.
      const next = points[at + 1] ?? head;
      const ended = each.time + step;
      if (ended < next.time) places.push({ time: ended, offset: next.offset });
    });
    places.push(head);
    this.#places = places;
  }

  /** About when a byte passed. */
  timeOf(offset: number): number {
    return this.#between(offset, "offset", "time");
  }

  /** About where the journal was at a time. */
  offsetAt(time: number): number {
    return Math.round(this.#between(time, "time", "offset"));
  }

  #between(value: number, by: keyof Place, wanted: keyof Place): number {
    const places = this.#places;
    const next = places.findIndex((place) => place[by] > value);
    const after = places[next] ?? (places.at(-1) as Place);
    const before = next < 0 ? after : (places[next - 1] ?? after);
    const length = after[by] - before[by];
    const share = length > 0 ? (value - before[by]) / length : 0;
    return before[wanted] + share * (after[wanted] - before[wanted]);
  }
}

/** Marks that are close together share a flag. */
export interface Flag {
  left: number;
  marks: Mark[];
}

/** The flags of a stretch that is `width` pixels wide. */
export function flagsOf(marks: readonly Mark[], span: TimeSpan, width: number, apart = 9): Flag[] {
  const flags: Flag[] = [];
  const seen = marks.filter(({ time }) => time >= span.from && time <= span.to);
  for (const mark of seen.toSorted((a, b) => a.time - b.time)) {
    const left = shareOf(mark.time, span);
    const last = flags.at(-1);
    if (last && (left - last.left) * width < apart) last.marks.push(mark);
    else flags.push({ left, marks: [mark] });
  }
  return flags;
}
