// Subscription: one reader's place in a port's journal, which outlives connections.
import type { Channel, Connection } from "./connection.ts";
import { guard, report, type SerialdError } from "./error.ts";
import type { SerialRecord } from "./record.ts";
import { count, type From, type Offset, type ServerMessage } from "./talk.ts";
import type { Frame } from "./wire.ts";

export interface SubscribeOptions {
  /** Where to begin: an offset, −N for N bytes before the head, or one end of the journal. */
  from: From;
  /** The offset to end before, at most the head: a reading of the past, for which nobody is listed as a viewer. */
  to?: Offset | undefined;
  /** The journal that the offset is of, where a page kept its place: if the port has another now, it begins anew, or with `to` fails. */
  journal?: number | undefined;
  /** How many bytes may be on their way to the sink or in it, 1 MiB unless told. `Infinity`: as many as the connection carries. */
  credit?: number | undefined;
  /** This page runs a terminal that could answer the device's queries; see {@link Port.answer}. */
  answers?: boolean | undefined;
}

/** Where a subscription begins, at first and after each lost connection. */
export interface Beginning {
  from: Offset;
  oldest: Offset;
  head: Offset;
  /** It goes on behind the last record delivered. False at first, and where the server began a new journal. */
  resumed: boolean;
}

/** What takes a subscription's records. */
export interface Sink {
  /** Takes records, in order, without holes (see gaps) or doubles. What a promise stands for counts as on its way until it resolves; further calls do not wait for it. */
  records(batch: readonly SerialRecord[]): void | Promise<void>;
  begin?(beginning: Beginning): void;
  /** Everything up to `to` was given. */
  end?(): void;
  /** The server refused, or has another journal and it begins anew (`out-of-range`). The subscription stays and is tried again when the port comes back, or the connection. */
  error?(error: SerialdError): void;
}

export interface Subscription {
  /** The offset behind the last record delivered. */
  readonly next: Offset;
  /** The journal that it is of; undefined before the first beginning, unless it was told. */
  readonly journal?: number | undefined;
  close(): void;
}

const CREDIT = 1 << 20;
const LAST_CHANNEL = 65535;

/** A subscription at work: resumes after a lost connection where the last record ended. */
export class Reader implements Channel, Subscription {
  readonly port: string;
  readonly #connection: Connection;
  readonly #options: SubscribeOptions;
  readonly #sink: Sink;
  readonly #window: number;
  #number: number | null = null;
  #asked = false;
  #begun = false;
  #closed = false;
  readonly #to: Offset;
  /** The server's journal is another one than ours: its oldest byte is where we begin. */
  #anew = false;
  #next: Offset;
  #journal: number | undefined;
  /** A record of an unknown kind was skipped: the next may begin anywhere behind it. */
  #skipped = false;
  /** Bytes that the sink has not done with. Of earlier connections too: a slow page stays bounded. */
  #held = 0;
  /** Bytes that the sink has done with and the server has not been told of. */
  #owed = 0;

  constructor(connection: Connection, port: string, options: SubscribeOptions, sink: Sink) {
    this.port = port;
    this.#connection = connection;
    this.#options = options;
    this.#sink = sink;
    this.#window = options.credit ?? CREDIT;
    this.#to = options.to ?? Number.POSITIVE_INFINITY;
    this.#next = typeof options.from === "number" ? Math.max(0, options.from) : 0;
    this.#journal = options.journal;
    connection.add(this);
  }

  get next(): Offset {
    return this.#next;
  }

  get journal(): number | undefined {
    return this.#journal;
  }

  get number(): number | null {
    return this.#number;
  }

  close(): void {
    this.#closed = true;
    this.#connection.remove(this);
    this.#release();
  }

  lost(): void {
    this.#asked = false;
    this.#number = null;
  }

  ended(): void {
    this.#number = null;
    if (this.#closed) return;
    this.close();
    guard(() => this.#sink.end?.());
  }

  start(): void {
    if (this.#asked || this.#closed) return;
    this.#release();
    if (this.#begun && this.#next >= this.#to) return this.ended();
    this.#asked = true;
    const credit = Math.max(0, this.#window - this.#held);
    this.#owed = 0;
    this.#connection.ask(
      {
        type: "subscribe",
        port: this.port,
        ...this.#place(),
        ...(Number.isFinite(credit) ? { credit } : {}),
        ...(this.#options.answers ? { answers: true } : {}),
      },
      (answer) => this.#subscribed(answer),
      (error) => this.#refused(error),
    );
  }

  take(frames: readonly Frame[]): void {
    const batch: SerialRecord[] = [];
    let size = 0;
    for (const frame of frames) {
      size += frame.size;
      if (frame.record) this.#append(batch, frame.record);
      else this.#skipped = true;
    }
    this.#held += size;
    this.#give(batch).then(
      () => this.#done(size),
      (error) => {
        report(error);
        this.#done(size);
      },
    );
  }

  async #give(batch: readonly SerialRecord[]): Promise<void> {
    if (batch.length > 0) await this.#sink.records(batch);
  }

  #done(size: number): void {
    this.#held -= size;
    this.#owed += size;
    if (this.#number === null || this.#owed * 4 < this.#window) return;
    this.#connection.credit(this.#number, this.#owed);
    this.#owed = 0;
  }

  /** Adds a record where it belongs: what was had before is cut off, a hole nobody told of becomes a gap. */
  #append(batch: SerialRecord[], record: SerialRecord): void {
    const next = this.#next;
    if (record.offset > next && !this.#skipped) batch.push(gap(next, record.offset, record));
    this.#skipped = false;
    if (record.offset < next && record.end <= next) return;
    const rest = record.offset < next ? tail(record, next) : record;
    const whole = rest.end > this.#to ? head(rest, this.#to) : rest;
    batch.push(whole);
    this.#next = whole.end;
  }

  #subscribed(answer: ServerMessage): void {
    const number = count(answer.channel);
    const [from, oldest, head] = [count(answer.from), count(answer.oldest), count(answer.head)];
    if (number === null || number < 1 || number > LAST_CHANNEL) {
      return this.#connection.distrust("a channel that is none");
    }
    const journal = count(answer.journal);
    if (from === null || oldest === null || head === null || journal === null) {
      return this.#connection.distrust("a subscription without its place");
    }
    if (this.#closed) return this.#connection.unroute(number);
    this.#asked = false;
    this.#number = number;
    this.#connection.route(number, this);
    const anew = this.#anew;
    const resumed = this.#begun && !anew;
    this.#begun = true;
    this.#anew = false;
    this.#journal = journal;
    this.#skipped = false;
    if (!resumed) this.#next = from;
    guard(() => this.#sink.begin?.({ from: this.#next, oldest, head, resumed }));
    if (!anew) return;
    const time = this.#connection.hello?.time ?? 0;
    this.#give([gap(from, from, { live: false, time })]).catch(report);
  }

  #refused(error: SerialdError): void {
    if (!this.#asked || this.#closed) return;
    this.#asked = false;
    const isBounded = this.#to < Number.POSITIVE_INFINITY;
    const again = error.code === "out-of-range" && !this.#anew && !isBounded;
    this.#anew ||= again;
    guard(() => this.#sink.error?.(error));
    if (again) this.start();
  }

  /** Where to begin, or to go on. */
  #place(): { from: From; to?: Offset; journal?: number } {
    if (this.#anew) return { from: "oldest" };
    const { from, to } = this.#options;
    return {
      from: this.#begun ? this.#next : from,
      ...(to === undefined ? {} : { to }),
      ...(this.#journal === undefined ? {} : { journal: this.#journal }),
    };
  }

  #release(): void {
    if (this.#number !== null) this.#connection.unroute(this.#number);
    this.#number = null;
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
