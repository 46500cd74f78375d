// Each port's recent traffic, one sample a second, and the line that is drawn of it.
import type { PortState } from "seriald";

/** Seconds that are remembered. */
export const SAMPLES = 40;

export class Traffic {
  #series = new Map<string, number[]>();

  /** Takes one sample of every port; ports that are gone are forgotten. */
  sample(ports: Iterable<Pick<PortState, "name" | "rate">>): void {
    const series = new Map<string, number[]>();
    for (const { name, rate } of ports) {
      const before = this.#series.get(name) ?? [];
      series.set(name, [...before, rate.rx + rate.tx].slice(-SAMPLES));
    }
    this.#series = series;
  }

  /** The samples by port, oldest first. */
  series(): ReadonlyMap<string, readonly number[]> {
    return this.#series;
  }
}

/**
 * The points of a line through samples in a box, newest at the right edge, silence before the first. The scale is the square root of
 * the share of the highest sample, so that a few bytes beside a flood still show.
 */
export function sparkline(samples: readonly number[], width: number, height: number): string {
  const top = Math.max(...samples, 1);
  const step = width / (SAMPLES - 1);
  const silence = new Array<number>(SAMPLES - samples.length).fill(0);
  return [...silence, ...samples]
    .map((sample, n) => {
      const y = height - Math.sqrt(sample / top) * height;
      return `${(n * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}
