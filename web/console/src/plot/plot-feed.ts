// PlotFeed: where a plot's values come from: the past by steps from the recording, the present from a subscription. Both go
// into the same grids, where it does no harm to be told twice; so there is no hole and no seam between them.
import type { Chart, Parser, Port, Readings, Series, Subscription } from "seriald";
import type { TimeSpan } from "../history/time-axis.ts";
import { FoundSeries } from "./found-series.ts";
import { mergeChart } from "./merge-chart.ts";
import { StepGrid } from "./step-grid.ts";

/** The part of a port that a plot needs. */
export type Source = Pick<Port, "chart" | "subscribeValues">;

/** Of what moves on with the present: how much it has room for beyond that. */
const AHEAD = 0.125;

/** What a feed tells. */
export interface FeedEvents {
  /** Something is to be drawn. */
  changed(): void;
  /** Series were found. */
  found(): void;
  /** The past is being asked for, or no more; what went wrong, or null. */
  loading(on: boolean, problem: unknown): void;
  /** Where what is shown was read from. */
  loaded(chart: Chart): void;
}

export class PlotFeed {
  readonly found = new FoundSeries();
  readonly #source: Source;
  readonly #parser: Parser;
  readonly #events: FeedEvents;
  readonly #subscription: Subscription;
  /** The newest value of each series. */
  readonly last: number[] = [];
  #numbers: number[] = [];
  /** The newest stretch; it moves on. */
  #live: StepGrid | null = null;
  /** The stretch that is looked at, if it is another one. */
  #still: StepGrid | null = null;
  /** What is being asked for. */
  #pending: { grid: StepGrid; asking: AbortController; isLive: boolean } | null = null;
  /** What was asked for last, and whether it failed. */
  #wanted: { span: TimeSpan; steps: number; live: boolean } | null = null;
  #failed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Finds values with a parser from now on. */
  constructor(source: Source, parser: Parser, events: FeedEvents) {
    this.#source = source;
    this.#parser = parser;
    this.#events = events;
    this.#subscription = source.subscribeValues(
      { from: "now", parser },
      {
        series: (series) => this.#meet(series),
        readings: (batch) => this.#take(batch),
        gap: ({ time, offset, end }) => {
          // The server has begun a new journal: what the old one had is not there any more.
          if (offset === end) this.#reset();
          else for (const grid of this.#grids()) grid.breakAt(time);
        },
        begin: () => this.#failed && this.#again(),
        error: (error) => events.loading(false, error),
      },
    );
  }

  /** The best there is to draw of a stretch: what was asked for is not there at once. */
  gridFor(span: TimeSpan): StepGrid | null {
    const overlap = (grid: StepGrid) => Math.min(grid.to, span.to) - Math.max(grid.from, span.from);
    const [a, b] = [this.#still, this.#live];
    if (!a || !b) return a ?? b;
    if (overlap(a) === overlap(b)) return a.step <= b.step ? a : b;
    return overlap(a) > overlap(b) ? a : b;
  }

  /** Wants so many steps of a stretch, after a short wait for other wishes; `live`: it moves on with the present. */
  want(span: TimeSpan, steps: number, live: boolean, wait = 0): void {
    clearTimeout(this.#timer);
    // What moves on is newer than what was looked at before.
    if (live && this.#live) this.#still = null;
    this.#wanted = { span, steps, live };
    this.#timer = setTimeout(() => void this.#load(span, steps, live), wait);
  }

  /** Keeps the newest stretch as it is now, to be looked at; what comes is collected on. Answers whether there is one. */
  hold(): boolean {
    if (this.#live) this.#still = this.#live.copy();
    return this.#live !== null;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#pending?.asking.abort();
    this.#subscription.close();
  }

  async #load({ from, to }: TimeSpan, steps: number, isLive: boolean): Promise<void> {
    this.#pending?.asking.abort();
    const ahead = isLive ? Math.ceil(steps * AHEAD) : 0;
    const grid = new StepGrid(from, to, steps, ahead);
    const asking = new AbortController();
    this.#pending = { grid, asking, isLive };
    this.#failed = false;
    this.#events.loading(true, null);
    try {
      const chart = await this.#source.chart({
        from: { time: grid.from },
        to: { time: grid.to - ahead * grid.step },
        points: grid.size - ahead,
        parser: this.#parser,
        signal: asking.signal,
      });
      mergeChart(grid, chart, this.found);
      for (const { name, unit, last } of chart.series)
        this.last[this.found.add(name, unit)] ??= last;
      this.#show(grid, isLive);
      this.#events.loaded(chart);
      this.#events.found();
      this.#end(asking, null);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#failed = true;
      // The present can be seen all the same.
      this.#show(grid, isLive);
      this.#end(asking, error);
    }
  }

  #show(grid: StepGrid, isLive: boolean): void {
    if (isLive) this.#live = grid;
    else this.#still = grid;
  }

  #end(asking: AbortController, problem: unknown): void {
    if (this.#pending?.asking === asking) this.#pending = null;
    this.#events.loading(false, problem);
    this.#events.changed();
  }

  #reset(): void {
    this.#live = null;
    this.#still = null;
    this.last.length = 0;
    this.#again();
  }

  #again(): void {
    if (this.#wanted) this.want(this.#wanted.span, this.#wanted.steps, this.#wanted.live);
  }

  #meet({ number, name, unit }: Readonly<Series>): void {
    this.#numbers[number] = this.found.add(name, unit);
    this.#events.found();
  }

  #take(batch: Readings): void {
    const { length, time, offset, first, series, value } = batch;
    const grids = this.#grids();
    for (let at = 0; at < length; at++) {
      const end = first[at + 1] as number;
      for (let of = first[at] as number; of < end; of++) {
        const number = this.#numbers[series[of] as number] ?? -1;
        if (number < 0) continue;
        this.last[number] = value[of] as number;
        for (const grid of grids)
          grid.fold(number, time[at] as number, offset[at] as number, value[of] as number);
      }
    }
    this.#events.changed();
  }

  // The grids that take what comes: those that move on.
  #grids(): StepGrid[] {
    const grids: StepGrid[] = [];
    if (this.#live) grids.push(this.#live);
    if (this.#pending?.isLive) grids.push(this.#pending.grid);
    return grids;
  }
}
