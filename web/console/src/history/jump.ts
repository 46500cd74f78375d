// Jump: brings a moment into view: at once to about there while somebody drags, exactly when they stop.
import type { Screen } from "../port/screen.svelte.ts";
import { momentAt } from "./api.ts";
import type { TimeSpan } from "./time-axis.ts";
import type { TimelineModel } from "./timeline-model.svelte.ts";

export class Jump {
  readonly #screen: Screen;
  readonly #model: TimelineModel;
  #asking: AbortController | null = null;

  constructor(screen: Screen, model: TimelineModel) {
    this.#screen = screen;
    this.#model = model;
  }

  /** Shows the first record at a time or later; behind the last one, the present. */
  async to(time: number, done: boolean): Promise<void> {
    this.#asking?.abort();
    const view = this.#screen.view;
    const { bounds, passage, data } = this.#model;
    if (time >= bounds.to) return view?.follow();
    if (!done) {
      if (data) view?.goTo(passage.offsetAt(time));
      return;
    }
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const moment = await momentAt(this.#screen.name, time, asking.signal);
      if (moment.time === null) view?.follow();
      else view?.goTo(moment.offset);
      this.#model.reveal(moment.time ?? bounds.to);
    } catch (error) {
      if (!asking.signal.aborted) throw error;
    }
  }

  /** The first offset at a time or later. */
  async offsetAt(time: number): Promise<number> {
    return (await momentAt(this.#screen.name, time)).offset;
  }

  /** The offsets between two times. */
  offsetsOf({ from, to }: TimeSpan): Promise<[number, number]> {
    return Promise.all([this.offsetAt(from), this.offsetAt(to)]);
  }
}
