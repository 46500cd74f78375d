// Fakes for tests of the plot: a port whose past and present a test makes up.
import type { Chart, ChartOptions, Readings, SubscribeValuesOptions, ValuesSink } from "seriald";
import type { Source } from "./plot-feed.ts";

/** One value as a test writes it: its series, its time in µs and itself; its line's offset is its time. */
export type Sample = [name: string, time: number, value: number];

interface Asked extends ChartOptions {
  answer: (chart: Chart) => void;
  refuse: (error: unknown) => void;
}

/** Readings of one value each, as a subscription brings them. */
export function readingsOf(samples: readonly Sample[], names: readonly string[]): Readings {
  const column = (pick: (sample: Sample) => number) => Float64Array.from(samples, pick);
  return {
    length: samples.length,
    live: true,
    time: column(([, time]) => time),
    offset: column(([, time]) => time),
    end: column(([, time]) => time + 1),
    first: Uint32Array.from({ length: samples.length + 1 }, (_, at) => at),
    series: Uint16Array.from(samples, ([name]) => names.indexOf(name)),
    value: column(([, , value]) => value),
  };
}

/** A chart whose steps are so long, of a past that holds these values; NaN is no value. */
export function chartOf(from: number, to: number, step: number, samples: readonly Sample[]): Chart {
  const names = [...new Set(samples.map(([name]) => name))];
  return {
    from,
    to,
    step,
    journal: 7,
    head: to,
    series: names.map((name) => {
      const all = samples.filter((sample) => sample[0] === name);
      const steps = (of: readonly Sample[]) =>
        Uint32Array.from(of, ([, time]) => Math.floor((time - from) / step));
      const own = all.filter(([, , value]) => !Number.isNaN(value));
      const values = Float64Array.from(own, ([, , value]) => value);
      const times = Float64Array.from(own, ([, time]) => time);
      return {
        name,
        unit: "",
        count: own.length,
        last: values.at(-1) ?? Number.NaN,
        at: steps(own),
        low: values,
        high: values,
        low_at: times,
        high_at: times,
        breaks: steps(all.filter(([, , value]) => Number.isNaN(value))),
      };
    }),
    breaks: new Uint32Array(0),
    readings: samples.length,
    ignored: 0,
  };
}

export class FakeSource implements Source {
  readonly asked: Asked[] = [];
  readonly subscriptions: { options: SubscribeValuesOptions; sink: ValuesSink; closed: boolean }[] =
    [];
  #names: string[] = [];

  chart(options: ChartOptions = {}): Promise<Chart> {
    return new Promise((answer, refuse) => {
      options.signal?.addEventListener("abort", () => refuse(options.signal?.reason));
      this.asked.push({ ...options, answer, refuse });
    });
  }

  subscribeValues(options: SubscribeValuesOptions, sink: ValuesSink) {
    const subscription = { options, sink, closed: false };
    this.subscriptions.push(subscription);
    this.#names = [];
    return {
      next: 0,
      close: () => {
        subscription.closed = true;
      },
    };
  }

  /** The newest subscription brings values. */
  bring(...samples: Sample[]): void {
    const { sink } = this.subscriptions.at(-1) as { sink: ValuesSink };
    for (const [name] of samples) {
      if (this.#names.includes(name)) continue;
      sink.series?.({ number: this.#names.push(name) - 1, name, unit: "" });
    }
    void sink.readings(readingsOf(samples, this.#names));
  }
}
