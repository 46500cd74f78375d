// History: what the recording has of a stretch of time, going on with what comes in.

/** So many steps a chart is wide. */
const STEPS = 300;

export class History {
  #port;
  #seconds = 900;
  #points = new Map();
  /** The width of a step, in seconds. */
  #step = 3;
  #asking = null;

  constructor(port) {
    this.#port = port;
  }

  /** The stretch that is shown, in seconds since the epoch; it ends at `now`. */
  window(now) {
    return { from: now - this.#seconds, to: now };
  }

  points(name) {
    return this.#points.get(name) ?? [];
  }

  /** Shows so many minutes from now on. What is asked last counts. */
  async show(minutes, now) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const from = { time: (now - minutes * 60) * 1e6 };
    const chart = await this.#port.chart({ from, points: STEPS, signal: asking.signal });
    if (asking.signal.aborted) return;
    this.#seconds = minutes * 60;
    this.#step = this.#seconds / STEPS;
    this.#points = new Map(chart.series.map((series) => [series.name, pointsOf(series, chart)]));
  }

  /** Takes a reading; in a step that is begun it widens what is there. */
  add(name, time, value) {
    if (!this.#points.has(name)) this.#points.set(name, []);
    const points = this.#points.get(name);
    const last = points.at(-1);
    if (
      last &&
      Number.isFinite(last.low) &&
      Number.isFinite(value) &&
      time - last.time < this.#step
    ) {
      last.low = Math.min(last.low, value);
      last.high = Math.max(last.high, value);
    } else if (!last || time > last.time) {
      points.push({ time, low: value, high: value });
    }
    const oldest = time - this.#seconds;
    while (points[0]?.time < oldest) points.shift();
  }
}

function pointsOf({ at, low, high }, { from, step, breaks }) {
  const time = (number) => (from + (number + 0.5) * step) / 1e6;
  const points = Array.from(at, (number, of) => ({
    time: time(number),
    low: low[of],
    high: high[of],
  }));
  for (const number of breaks)
    points.push({ time: time(number), low: Number.NaN, high: Number.NaN });
  return points.sort((one, other) => one.time - other.time);
}
