// TimelineModel: what a timeline shows of a port, and how it is moved, zoomed and kept up with the present.
import type { Port } from "seriald";
import { Passage } from "./activity.ts";
import type { Timeline } from "./answers.ts";
import * as api from "./api.ts";
import { Refresher } from "./refresher.ts";
import {
  newest,
  panned,
  RANGES,
  type Range,
  shareOf,
  type TimeSpan,
  timeAt,
  zoomed,
} from "./time-axis.ts";

const EVERY_MS = 4000;
/** Turning a wheel asks once it stands still. */
const MOVED_MS = 120;
// A bar, in pixels.
const BAR = 5;
// The share of what is shown that an arrow key pans, and how much a step zooms.
const PAN = 0.15;
const ZOOM = 1.6;

function lengthOf(range: Range): number {
  return RANGES.find((each) => each.range === range)?.length ?? Number.POSITIVE_INFINITY;
}

export class TimelineModel {
  readonly port: Port;
  #now: () => number;
  /** The stretch that is shown while it does not stick to the present. */
  #span: TimeSpan | null = $state.raw(null);
  /** The length of what is shown while it does. */
  #length: number = $state(0);
  /** The present when it was last looked at. */
  #present = $state(0);
  #since: number | null = $state(null);
  #head = $state(0);
  data: Timeline | null = $state.raw(null);
  error: string | null = $state(null);
  #width = 0;
  #refresher: Refresher;

  /** Begins with the newest stretch of that name; `now` is the server's clock, in microseconds. */
  constructor(port: Port, now: () => number, range: Range) {
    this.port = port;
    this.#now = now;
    this.#length = lengthOf(range);
    this.#present = now();
    this.#refresher = new Refresher((signal) => this.#load(signal), EVERY_MS);
  }

  /** Everything that is kept, and the present. */
  readonly bounds: TimeSpan = $derived({
    from: Math.min(this.#since ?? this.#present, this.#present),
    to: this.#present,
  });

  /** The stretch that is shown. */
  readonly span: TimeSpan = $derived(this.#span ?? newest(this.#length, this.bounds));

  /** Between offsets and times, as far as they are known. */
  readonly passage: Passage = $derived(
    new Passage(
      this.data ?? { from: 0, to: 0, step: 1, points: [] },
      { time: this.#present, offset: this.#head },
      this.bounds.from,
    ),
  );

  /** Whether the newest is shown, and will be. */
  get live(): boolean {
    return this.#span === null;
  }

  /** The named stretch that is shown, if it is one. */
  get range(): Range | null {
    if (this.#span !== null) return null;
    return RANGES.find(({ length }) => length === this.#length)?.range ?? null;
  }

  /** Keeps up with the port until the answer is called. */
  follow(): () => void {
    const refresher = new Refresher((signal) => this.#load(signal), EVERY_MS);
    this.#refresher = refresher;
    const stop = this.port.watch((state) => {
      if (!state) return;
      const { head, since } = state.journal;
      const isNew = head !== this.#head || since !== this.#since;
      this.#head = head;
      this.#since = since;
      this.tick();
      if (isNew && this.live) refresher.changed();
    });
    refresher.now();
    return () => {
      stop();
      refresher.close();
    };
  }

  /** Time has passed. */
  tick(): void {
    this.#present = Math.max(this.#present, this.#now());
  }

  /** There is room for so many pixels. */
  resize(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#refresher.now(MOVED_MS);
  }

  /** Shows the newest stretch of that name. */
  show(range: Range): void {
    this.#span = null;
    this.#length = lengthOf(range);
    this.#refresher.now();
  }

  /** Zooms about a time; above 1 shows more. Out at the present, it sticks to the present. */
  zoom(factor: number, about = timeAt(0.5, this.span)): void {
    const atEnd = this.live ? this.bounds.to : about;
    const span = zoomed(this.span, atEnd, factor, this.bounds);
    if (this.live) this.#length = span.to - span.from;
    else this.#move(span);
    this.#refresher.now(MOVED_MS);
  }

  zoomIn = (): void => this.zoom(1 / ZOOM);
  zoomOut = (): void => this.zoom(ZOOM);

  /** Moves by a share of what is shown. */
  pan(share: number): void {
    const by = share * (this.span.to - this.span.from);
    this.#move(panned(this.span, by, this.bounds));
  }

  /** Moves so that a time is shown. */
  reveal(time: number): void {
    const at = shareOf(time, this.span);
    if (at < 0) this.pan(at - PAN);
    else if (at > 1 && !this.live) this.pan(at - 1 + PAN);
  }

  #move(span: TimeSpan): void {
    const atEnd = span.to >= this.bounds.to;
    this.#length = span.to - span.from;
    this.#span = atEnd ? null : span;
    this.#refresher.now(MOVED_MS);
  }

  async #load(signal: AbortSignal): Promise<void> {
    if (this.#width === 0) return;
    const { from, to } = this.span;
    const points = Math.min(2000, Math.max(1, Math.floor(this.#width / BAR)));
    try {
      this.data = await api.timeline(this.port.name, from, to, points, signal);
      this.error = null;
    } catch (error) {
      if (!signal.aborted) this.error = error instanceof Error ? error.message : String(error);
    }
  }
}
