// Values: a subscription to the numbers in what a device prints; as flat readings for pictures, or one by one.
import { drawn } from "./batches.ts";
import { ChannelReader, type Listener, type PlaceOptions } from "./channel-reader.ts";
import type { Connection } from "./connection.ts";
import { guard } from "./error.ts";
import type { Parser } from "./parser.ts";
import type { End, Place } from "./place.ts";
import type { Port } from "./port.ts";
import { type Readings, rest, type Series } from "./readings.ts";
import type { SerialRecord } from "./record.ts";
import type { Offset } from "./talk.ts";
import type { Frame } from "./wire.ts";

export interface SubscribeValuesOptions extends PlaceOptions {
  /** How values are found, `auto` unless told. */
  parser?: Parser | undefined;
}

/** What takes a subscription's values. */
export interface ValuesSink extends Listener {
  /** A series is there, or its unit is told: before the first readings that have it. Its number is the next one, from 0 on. */
  series?(series: Readonly<Series>): void;
  /** Takes readings, in order, without loss or doubles. What a promise stands for counts as on its way until it resolves; further calls do not wait for it. */
  readings(batch: Readings): void | Promise<void>;
  /** A stretch that is not to be had; if both ends are the same, the server has begun a new journal. */
  gap?(gap: SerialRecord): void;
}

/** A subscription to values at work. */
export class ValuesReader extends ChannelReader {
  readonly #sink: ValuesSink;
  readonly #parser: Parser;
  readonly #series = new Map<string, Series>();
  /** Our numbers by the server's, which are others on each connection. */
  #numbers: number[] = [];
  /** The last line that gave readings, and how many: it may give more of them, on the next connection too. */
  #line: { offset: Offset; taken: number } = { offset: -1, taken: 0 };
  /** Where the readings that were had before end: all before that line, and so many of it. Null behind them. */
  #had: { offset: Offset; taken: number } | null = null;

  constructor(
    connection: Connection,
    port: { readonly name: string },
    options: SubscribeValuesOptions,
    sink: ValuesSink,
  ) {
    super(connection, port, options, sink);
    this.#sink = sink;
    this.#parser = options.parser ?? "auto";
    connection.add(this);
  }

  protected words(): { values: Parser } {
    return { values: this.#parser };
  }

  /** Behind the last line it would lose what that line has not given yet. */
  protected override get resumeAt(): Offset {
    return this.#line.offset < 0 ? this.next : this.#line.offset;
  }

  protected began(from: Offset, isNew: boolean): void {
    this.#numbers = [];
    this.#had = this.#line.offset < 0 || isNew ? null : { ...this.#line };
    if (!isNew) return;
    this.#line = { offset: -1, taken: 0 };
    const time = this.connection.hello?.time ?? 0;
    const bytes = new Uint8Array(0);
    this.#gap({ kind: "gap", live: false, offset: from, end: from, time, bytes, why: "dropped" });
  }

  protected async deliver(frames: readonly Frame[]): Promise<void> {
    const taking: (void | Promise<void>)[] = [];
    for (const { series, readings, record } of frames) {
      if (series) this.#name(series);
      else if (readings) taking.push(this.#give(readings));
      else if (record?.kind === "gap") this.#skip(record);
    }
    await Promise.all(taking);
  }

  #name({ number, name, unit }: Series): void {
    const known = this.#series.get(name);
    const series = {
      number: known?.number ?? this.#series.size,
      name,
      unit: unit || (known?.unit ?? ""),
    };
    this.#series.set(name, series);
    this.#numbers[number] = series.number;
    if (known?.unit !== series.unit) guard(() => this.#sink.series?.(series));
  }

  async #give(batch: Readings): Promise<void> {
    const readings = rest(batch, this.#countHad(batch));
    if (readings.length === 0) return;
    const { series } = readings;
    for (let at = 0; at < series.length; at++) {
      const number = this.#numbers[series[at] as number];
      if (number === undefined)
        return this.connection.distrust("a value of a series without a name");
      series[at] = number;
    }
    this.#count(readings);
    await this.hand(() => this.#sink.readings(readings));
  }

  /** How many readings at the beginning of a batch were had before the connection was lost. */
  #countHad({ length, offset }: Readings): number {
    const had = this.#had;
    if (!had) return 0;
    for (let at = 0; at < length; at++) {
      const line = offset[at] as number;
      if (line === had.offset && had.taken > 0) {
        had.taken -= 1;
      } else if (line >= had.offset) {
        this.#had = null;
        return at;
      }
    }
    return length;
  }

  /** Remembers where the readings end. */
  #count({ length, offset, end }: Readings): void {
    const last = offset[length - 1] as number;
    if (last !== this.#line.offset) this.#line = { offset: last, taken: 0 };
    for (let at = length - 1; at >= 0 && offset[at] === last; at--) this.#line.taken += 1;
    this.next = Math.max(this.next, end[length - 1] as number);
  }

  /** A gap, as far as it lies behind what was had. */
  #skip(gap: SerialRecord): void {
    if (gap.end <= this.next) return;
    const offset = Math.max(gap.offset, this.next);
    this.next = gap.end;
    this.#line = { offset: -1, taken: 0 };
    this.#had = null;
    this.#gap({ ...gap, offset });
  }

  #gap(gap: SerialRecord): void {
    guard(() => this.#sink.gap?.(gap));
  }
}

/** What one line gave. */
export interface Reading {
  /** When its first byte came, in microseconds since the epoch; or the time that the line itself tells. */
  time: number;
  /** The line's first byte in the journal. */
  offset: Offset;
  /** The offset behind the line. */
  end: Offset;
  /** By the names of their series; NaN is no value. Without a prototype: any name is harmless. */
  values: Record<string, number>;
  /** The units of all series that have one, by name. */
  units: Readonly<Record<string, string>>;
}

export interface ValuesOptions {
  /** Where to begin, `"now"` unless told. */
  from?: Place | undefined;
  /** Where to end before. */
  to?: End | undefined;
  /** How values are found, `auto` unless told. */
  parser?: Parser | undefined;
  signal?: AbortSignal | undefined;
}

/** Readings as they come, as fast as they are taken: what is not taken stays with the server. */
export async function* values(
  port: Port,
  { from = "now", to, parser, signal }: ValuesOptions,
): AsyncGenerator<Reading, void, void> {
  const names: string[] = [];
  let units: Record<string, string> = Object.create(null);
  const batches = drawn<Readings>(
    (well) =>
      port.subscribeValues(
        { from, to, parser },
        {
          ...well,
          series({ number, name, unit }) {
            names[number] = name;
            if (unit) units = Object.assign(Object.create(null), units, { [name]: unit });
          },
          readings: (batch) => well.put([batch]),
        },
      ),
    to !== undefined,
    signal,
  );
  for await (const batch of batches) {
    for (const readings of batch) {
      for (let at = 0; at < readings.length; at++) {
        yield readingAt(readings, at, names, units);
        if (signal?.aborted) return;
      }
    }
  }
}

function readingAt(
  { time, offset, end, first, series, value }: Readings,
  at: number,
  names: readonly string[],
  units: Readonly<Record<string, string>>,
): Reading {
  const values: Record<string, number> = Object.create(null);
  for (let of = first[at] as number; of < (first[at + 1] as number); of++) {
    values[names[series[of] as number] as string] = value[of] as number;
  }
  return {
    time: time[at] as number,
    offset: offset[at] as number,
    end: end[at] as number,
    values,
    units,
  };
}
