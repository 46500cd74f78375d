// LatestValues: the newest value of each series of a port: one subscription for all the widgets of a panel.
import type { Parser, Port, Readings } from "seriald";

// The latest values are there at once if they stood in the last of what came.
const PAST_BYTES = 32 * 1024;

export class LatestValues {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #units: string[] = [];
  readonly #values: number[] = [];
  #drawing = 0;
  /** Grows when there is something new to draw, at most once a frame. */
  #tick = $state(0);

  /** Follows a port until the answer is called. */
  follow(port: Port, parser: Parser): () => void {
    const subscription = port.subscribeValues(
      { from: -PAST_BYTES, parser },
      {
        series: ({ number, name, unit }) => {
          this.#names[number] = name;
          this.#numbers.set(name, number);
          this.#units[number] = unit;
          this.#draw();
        },
        readings: (batch) => this.#take(batch),
      },
    );
    return () => {
      subscription.close();
      cancelAnimationFrame(this.#drawing);
    };
  }

  /** The newest value of a series; NaN where the device said that there is none, undefined before it came. */
  get(name: string): number | undefined {
    void this.#tick;
    return this.#values[this.#numbers.get(name) ?? -1];
  }

  /** The unit of a series; empty where none was told. */
  unit(name: string): string {
    void this.#tick;
    return this.#units[this.#numbers.get(name) ?? -1] ?? "";
  }

  /** The names of all series that came. */
  get names(): readonly string[] {
    void this.#tick;
    return this.#names;
  }

  #take({ series, value, first, length }: Readings): void {
    for (let at = first[0] ?? 0; at < (first[length] ?? 0); at++) {
      this.#values[series[at] as number] = value[at] as number;
    }
    this.#draw();
  }

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#tick++;
    });
  }
}
