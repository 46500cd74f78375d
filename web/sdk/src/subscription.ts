// Reader: a subscription to a port's records, without holes or doubles over any number of connections.
import { ChannelReader, type Listener, type PlaceOptions } from "./channel-reader.ts";
import type { Connection } from "./connection.ts";
import type { SerialRecord } from "./record.ts";
import type { Offset } from "./talk.ts";
import type { Frame } from "./wire.ts";

export interface SubscribeOptions extends PlaceOptions {
  /** This page runs a terminal that could answer the device's queries; see {@link Port.answer}. */
  answers?: boolean | undefined;
}

/** What takes a subscription's records. */
export interface Sink extends Listener {
  /** Takes records, in order, without holes (see gaps) or doubles. What a promise stands for counts as on its way until it resolves; further calls do not wait for it. */
  records(batch: readonly SerialRecord[]): void | Promise<void>;
}

/** A subscription to records at work. */
export class Reader extends ChannelReader {
  readonly #sink: Sink;
  readonly #answers: boolean;
  /** A record of an unknown kind was skipped: the next may begin anywhere behind it. */
  #skipped = false;

  constructor(
    connection: Connection,
    port: { readonly name: string },
    options: SubscribeOptions,
    sink: Sink,
  ) {
    super(connection, port, options, sink);
    this.#sink = sink;
    this.#answers = options.answers ?? false;
    connection.add(this);
  }

  protected words(): { answers?: boolean } {
    return this.#answers ? { answers: true } : {};
  }

  protected deliver(frames: readonly Frame[]): void | Promise<void> {
    const batch: SerialRecord[] = [];
    for (const { record } of frames) {
      if (record) this.#append(batch, record);
      else this.#skipped = true;
    }
    if (batch.length > 0) return this.#sink.records(batch);
  }

  protected began(from: Offset, isNew: boolean): void {
    this.#skipped = false;
    if (!isNew) return;
    const time = this.connection.hello?.time ?? 0;
    void this.hand(() => this.#sink.records([gap(from, from, { live: false, time })]));
  }

  /** Adds a record where it belongs: what was had before is cut off, a hole nobody told of becomes a gap. */
  #append(batch: SerialRecord[], record: SerialRecord): void {
    const { next, to } = this;
    if (record.offset > next && !this.#skipped) batch.push(gap(next, record.offset, record));
    this.#skipped = false;
    if (record.offset < next && record.end <= next) return;
    const rest = record.offset < next ? tail(record, next) : record;
    const whole = rest.end > to ? head(rest, to) : rest;
    batch.push(whole);
    this.next = whole.end;
  }
}

function gap(
  offset: Offset,
  end: Offset,
  { live, time }: Pick<SerialRecord, "live" | "time">,
): SerialRecord {
  return { kind: "gap", live, offset, end, time, bytes: new Uint8Array(0), why: "dropped" };
}

/** A record up to `to`. A Note is never cut. */
function head(record: SerialRecord, to: Offset): SerialRecord {
  if (record.kind === "note" || record.offset >= to) return record;
  return { ...record, end: to, bytes: record.bytes.subarray(0, to - record.offset) };
}

/** A record from `next` on. A Note is never cut. */
function tail(record: SerialRecord, next: Offset): SerialRecord {
  if (record.kind === "note") return record;
  const bytes = record.bytes.subarray(Math.min(record.bytes.length, next - record.offset));
  return { ...record, offset: next, bytes };
}
