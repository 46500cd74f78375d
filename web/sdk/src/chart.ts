// Chart: the values of a stretch of the recording, of each step the lowest and the highest; for a picture so many points wide.
import { SerialdError } from "./error.ts";
import { count, type Fields, fieldsOf, objects, text } from "./fields.ts";
import type { Parser } from "./parser.ts";
import { type End, isMoment, microseconds, type Place } from "./place.ts";
import type { Rest } from "./rest.ts";
import type { Offset } from "./talk.ts";

export interface ChartOptions {
  /** The oldest byte, unless told. */
  from?: Place | undefined;
  /** The head, unless told. */
  to?: End | undefined;
  /** The journal that offsets are of: if the port has another now, it fails with `out-of-range`. */
  journal?: number | undefined;
  /** 1 to 10000 steps, 1000 unless told. */
  points?: number | undefined;
  /** How values are found, `auto` unless told. */
  parser?: Parser | undefined;
  /** Only these series. */
  series?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
}

/** One series of a chart. The arrays but `breaks` belong together: an entry for each step that has values. */
export interface ChartSeries {
  name: string;
  /** Empty where there is none. */
  unit: string;
  /** How many values there were. */
  count: number;
  /** NaN where there is none. */
  last: number;
  /** The numbers of the steps. */
  at: Uint32Array;
  low: Float64Array;
  high: Float64Array;
  /** The offsets of the lines that gave the lowest and the highest value. */
  low_at: Float64Array;
  high_at: Float64Array;
  /** The steps in which it has no value, whatever else is in them. */
  breaks: Uint32Array;
}

export interface Chart {
  /** Microseconds since the epoch, as `to` and `step`. */
  from: number;
  to: number;
  step: number;
  /** The journal that offsets are of. */
  journal: number;
  /** Up to where it was read: a subscription goes on there without a hole. */
  head: Offset;
  series: ChartSeries[];
  /** The steps in which the recording has a gap. */
  breaks: Uint32Array;
  readings: number;
  /** What could not be read, see `docs/values.md`. */
  ignored: number;
}

/** Asks for a chart of a port. */
export async function chart(rest: Rest, port: string, options: ChartOptions): Promise<Chart> {
  const { signal } = options;
  const path = `ports/${encodeURIComponent(port)}/values?${query(options)}`;
  const response = await rest.ask(path, signal ? { signal } : {});
  return parseChart(await response.json().catch(() => null));
}

function query({ from, to, journal, points, parser, series }: ChartOptions): URLSearchParams {
  const query = new URLSearchParams();
  // What is absent is the oldest byte and the head.
  if (from !== undefined && from !== "oldest") query.set("from", place(from));
  if (to !== undefined && to !== "now") query.set("to", place(to));
  if (journal !== undefined) query.set("journal", `${journal}`);
  if (points !== undefined) query.set("points", `${points}`);
  if (parser !== undefined) query.set("parser", JSON.stringify(parser));
  if (series) query.set("series", series.map((name) => name.replaceAll(",", "\\,")).join(","));
  return query;
}

function place(place: Place | End): string {
  return isMoment(place) ? `@${microseconds(place)}` : `${place}`;
}

function numbers(value: unknown): number[] {
  const entries = Array.isArray(value) ? value : [];
  return entries.map((entry) => (typeof entry === "number" ? entry : Number.NaN));
}

/** Reads a chart. Arrays that belong together are of one length. */
function parseChart(value: unknown): Chart {
  const fields = fieldsOf(value);
  const [from, to, step] = [count(fields.from), count(fields.to), count(fields.step)];
  const [journal, head] = [count(fields.journal), count(fields.head)];
  if (from === null || to === null || step === null || journal === null || head === null) {
    throw new SerialdError("protocol", "the server sent a chart without its place");
  }
  return {
    from,
    to,
    step,
    journal,
    head,
    series: objects(fields.series).map(parseSeries),
    breaks: Uint32Array.from(numbers(fields.breaks)),
    readings: count(fields.readings) ?? 0,
    ignored: count(fields.ignored) ?? 0,
  };
}

function parseSeries(fields: Fields): ChartSeries {
  const at = numbers(fields.at);
  const [low, high] = [numbers(fields.low), numbers(fields.high)];
  const [lowAt, highAt] = [numbers(fields.low_at), numbers(fields.high_at)];
  const length = Math.min(...[at, low, high, lowAt, highAt].map((column) => column.length));
  return {
    name: text(fields.name),
    unit: text(fields.unit),
    count: count(fields.count) ?? 0,
    last: typeof fields.last === "number" ? fields.last : Number.NaN,
    at: Uint32Array.from(at.slice(0, length)),
    low: Float64Array.from(low.slice(0, length)),
    high: Float64Array.from(high.slice(0, length)),
    low_at: Float64Array.from(lowAt.slice(0, length)),
    high_at: Float64Array.from(highAt.slice(0, length)),
    breaks: Uint32Array.from(numbers(fields.breaks)),
  };
}
