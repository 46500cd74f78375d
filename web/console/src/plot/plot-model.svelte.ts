// PlotModel: a plot at work: what it shows of a port, of which time and how, and what is under its cursors.
import type { Parser } from "seriald";
import { type TimeSpan, timeAt } from "../history/time-axis.ts";
import { extremes, type ValueAt, valueAt } from "./cursor.ts";
import type { Found } from "./found-series.ts";
import type { Picture } from "./picture.ts";
import { Pictures } from "./pictures.ts";
import { PlotFeed, type Source } from "./plot-feed.ts";
import { type Kind, type Look, looksOf, type PlotSpec, windowOf } from "./plot-spec.ts";
import { MOST_READINGS, RawReadings } from "./raw-readings.ts";
import { type ShownSeries, shownSeries } from "./shown-series.ts";
import type { StepGrid } from "./step-grid.ts";
import { TimeView } from "./time-view.svelte.ts";

/** Wheel and fingers ask once they stand still. */
const MOVED_MS = 120;
/** Widths that differ by less share their steps. */
const STEPS_ROUNDED = 100;
const MOST_STEPS = 4000;
/** Pictures that look at each reading are made anew so often. */
const RAW_EVERY_MS = 100;
const TOLD_EVERY_MS = 200;

/** The cursors that one can set, for differences. */
export const MARKS = ["a", "b"] as const;
export type Mark = (typeof MARKS)[number];

export class PlotModel {
  readonly time: TimeView;
  spec: PlotSpec = $state.raw({});
  looks: Readonly<Record<string, Look>> = $state.raw({});
  found: readonly Found[] = $state.raw([]);
  loading = $state(false);
  problem: unknown = $state.raw(null);
  /** What the server has read for the stretch that is shown. */
  readings = $state(0);
  ignored = $state(0);
  /** The journal that offsets are of. */
  journal: number | undefined = $state.raw(undefined);
  /** The series that others are drawn over, in an XY plot; the first one where it is null. */
  across: string | null = $state(null);

  /** The time that is pointed at. */
  pointed: number | null = $state(null);
  /** The times of the cursors that are set. */
  marks: Readonly<Record<Mark, number | null>> = $state.raw({ a: null, b: null });
  /** Grows when values came, at most a few times a second: for figures, which nobody reads faster. */
  told = $state(0);

  readonly #source: Source;
  #parser: Parser = "auto";
  #feed: PlotFeed | null = null;
  #raw: RawReadings | null = null;
  #rawAt = Number.NEGATIVE_INFINITY;
  #rawPicture: Picture | null = null;
  #pictures = new Pictures();
  #steps = 0;
  #isDirty = true;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `now` is the server's clock, in µs. */
  constructor(source: Source, now: () => number) {
    this.#source = source;
    this.time = new TimeView(now);
  }

  readonly kind: Kind = $derived(this.spec.kind ?? "time");

  /** Every series in its order, hidden ones too. */
  readonly series: readonly ShownSeries[] = $derived(
    shownSeries(this.found, this.spec, this.looks),
  );

  readonly visible: readonly ShownSeries[] = $derived.by(() => {
    const visible = this.series.filter(({ hidden }) => !hidden);
    if (this.kind !== "xy") return visible;
    const isAcross = ({ name }: ShownSeries) => name === this.across;
    return [...visible.filter(isAcross), ...visible.filter((each) => !isAcross(each))];
  });

  /** The values of each visible series where somebody points. */
  readonly values: readonly (ValueAt | null)[] = $derived.by(() => {
    void this.told;
    return this.pointed === null ? [] : this.valuesAt(this.pointed);
  });

  /** Of a picture that shows each reading: whether there are more than it can have. */
  get isCut(): boolean {
    return this.kind !== "time" && this.readings > MOST_READINGS;
  }

  /** Shows something else. */
  configure(spec: PlotSpec, looks: Readonly<Record<string, Look>> = looksOf(spec)): void {
    const kind = this.kind;
    const length = windowOf(this.spec);
    this.spec = spec;
    this.looks = looks;
    if (windowOf(spec) !== length || this.#steps === 0) this.time.follow(windowOf(spec));
    if (this.kind !== kind) {
      this.#rawPicture = null;
      this.#reload();
    }
    this.redraw();
  }

  /** Finds values in another way, in the past too. */
  parse(parser: Parser): void {
    this.#parser = parser;
    this.#feed?.close();
    this.#raw?.close();
    this.#raw = null;
    this.found = [];
    this.problem = null;
    const feed = new PlotFeed(this.#source, parser, {
      changed: () => this.redraw(),
      found: () => {
        this.found = feed.found.all;
      },
      loading: (on, problem) => {
        this.loading = on;
        this.problem = problem;
        this.told++;
      },
      loaded: ({ journal, readings, ignored }) => {
        this.journal = journal;
        this.readings = readings;
        this.ignored = ignored;
        if (this.kind !== "time") this.#loadRaw();
        else this.#raw?.close();
      },
    });
    this.#feed = feed;
    this.#reload();
  }

  /** There is room for so many pixels. */
  resize(width: number): void {
    const steps = Math.min(MOST_STEPS, Math.ceil(width / STEPS_ROUNDED) * STEPS_ROUNDED);
    this.redraw();
    if (steps === this.#steps || steps <= 0) return;
    this.#steps = steps;
    this.#reload(MOVED_MS);
  }

  /** Other times are to be shown; `change` says which. */
  move(change: (time: TimeView) => void, wait = MOVED_MS): void {
    const { live, length } = this.time;
    change(this.time);
    if (this.time.live !== live || !live || this.time.length !== length) this.#reload(wait);
    this.redraw();
  }

  /** Holds still, or follows again; what comes meanwhile is collected. */
  toggleHold(): void {
    this.time.toggleHold();
    const isKept = this.time.held && this.kind === "time" && this.#feed?.hold();
    if (!isKept) this.#reload();
    this.redraw();
  }

  /** The present has come on, or something else is to be drawn. */
  redraw(): void {
    this.#isDirty = true;
  }

  /** Sets a cursor where somebody points, or in the middle. */
  mark(name: Mark): void {
    const { from, to } = this.time.span;
    this.marks = { ...this.marks, [name]: this.pointed ?? (from + to) / 2 };
  }

  /** Sets a cursor at a share of what is shown. */
  placeMark(name: Mark, share: number): void {
    this.marks = { ...this.marks, [name]: timeAt(share, this.time.span) };
  }

  /** Takes the cursors away. */
  unmark(): void {
    this.marks = { a: null, b: null };
  }

  /** The values of each visible series at a time. */
  valuesAt(time: number): (ValueAt | null)[] {
    const { grid } = this;
    return this.visible.map(({ number }) => grid && valueAt(grid, number, time));
  }

  /** The lowest and the highest value of a series in sight. */
  extremesOf({ number }: ShownSeries): ValueAt | null {
    const { grid } = this;
    return grid && extremes(grid, number, this.time.span);
  }

  /** Whether there is something to draw since the last picture. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** The grid that is drawn. */
  get grid(): StepGrid | null {
    return this.#feed?.gridFor(this.time.span) ?? null;
  }

  /** What is to be drawn now. */
  picture(): Picture {
    this.#isDirty = false;
    const now = performance.now();
    if (now - this.#toldAt > TOLD_EVERY_MS) {
      this.#toldAt = now;
      this.told++;
    }
    const { span } = this.time;
    if (this.kind !== "time") return this.#pictureOfReadings(span);
    const { left, right } = this.spec;
    return this.#pictures.time(this.grid, span, this.visible, { left, right });
  }

  /** The newest value of a series; NaN where there is none. */
  lastOf({ number }: ShownSeries): number {
    return this.#feed?.last[number] ?? Number.NaN;
  }

  close(): void {
    this.#feed?.close();
    this.#raw?.close();
  }

  #reload(wait = 0): void {
    if (this.#steps === 0) return;
    this.#feed?.want(this.time.span, this.#steps, this.time.live, wait);
  }

  // As far back as so many readings reach, if they came evenly.
  #loadRaw(): void {
    if (!this.#feed) return;
    this.#raw ??= new RawReadings(this.#feed.found, () => this.redraw());
    const { from, to } = this.time.span;
    const share = Math.min(1, MOST_READINGS / Math.max(1, this.readings));
    this.#raw.load(this.#source, this.#parser, {
      from: to - (to - from) * share,
      to: this.time.live ? null : to,
    });
  }

  #pictureOfReadings(span: TimeSpan): Picture {
    if (this.#rawPicture && performance.now() - this.#rawAt < RAW_EVERY_MS) {
      this.#isDirty = true;
      return this.#rawPicture;
    }
    this.#rawAt = performance.now();
    this.#rawPicture = this.#makePictureOfReadings(span);
    return this.#rawPicture;
  }

  #makePictureOfReadings(span: TimeSpan): Picture {
    const { left, right } = this.spec;
    if (this.kind === "xy")
      return this.#pictures.xy(this.#raw, span, this.visible, { left, right });
    return this.kind === "histogram"
      ? this.#pictures.histogram(this.#raw, span, this.visible)
      : this.#pictures.spectrum(this.#raw, span, this.visible);
  }
}
