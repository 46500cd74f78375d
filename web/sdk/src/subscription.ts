// Subscription: one reader's place in a port's journal, which outlives connections.
import type { Channel, Connection } from "./connection.ts";
import { guard, report, SerialdError } from "./error.ts";
import type { SerialRecord } from "./record.ts";
import { count, type From, type Offset, type ServerMessage } from "./talk.ts";
import type { Frame } from "./wire.ts";

export interface SubscribeOptions {
  /** Where to begin: an offset, −N for N bytes before the head, or one end of the journal. */
  from: From;
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
  /** The server refused, or had to begin anew (`out-of-range`). The subscription stays and is tried again when the port comes back, or the connection. */
  error?(error: SerialdError): void;
}

export interface Subscription {
  /** The offset behind the last record delivered. */
  readonly next: Offset;
  close(): void;
}

const CREDIT = 1 << 20;
const LAST_CHANNEL = 65535;

/**
 * `idle`: not asked for on this connection. `absent`: the port is not there; asked again when it appears.
 * `failed`: refused; asked again on the next connection.
 */
type Phase = "idle" | "asked" | "running" | "absent" | "failed" | "closed";

/** A subscription at work: resumes after a lost connection where the last record ended. */
export class Reader implements Channel, Subscription {
  readonly port: string;
  readonly #connection: Connection;
  readonly #options: SubscribeOptions;
  readonly #sink: Sink;
  readonly #window: number;
  #phase: Phase = "idle";
  #number: number | null = null;
  #begun = false;
  /** The server's journal is another one than ours: its oldest byte is where we begin. */
  #anew = false;
  #next: Offset;
  /** A record of an unknown kind was skipped: the next may begin anywhere behind it. */
  #skipped = false;
  /** The port went: when it comes back it may be another one. */
  #gone = false;
  /** Which run of the server the last record came from, and when it was made. */
  #boot: string | undefined;
  #lastTime = 0;
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
    this.#next = typeof options.from === "number" ? Math.max(0, options.from) : 0;
    connection.add(this);
  }

  get next(): Offset {
    return this.#next;
  }

  get number(): number | null {
    return this.#number;
  }

  close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#connection.remove(this);
    if (this.#number !== null) this.#connection.unroute(this.#number);
    this.#number = null;
  }

  lost(): void {
    if (this.#phase === "closed") return;
    this.#phase = "idle";
    this.#number = null;
  }

  gone(): void {
    this.#gone = true;
  }

  start(): void {
    if (this.#gone && this.#number !== null) {
      this.#connection.unroute(this.#number);
      this.lost();
    }
    if (this.#phase !== "idle" && this.#phase !== "absent") return;
    this.#phase = "asked";
    if (this.#begun && !this.#anew && this.#isNewJournal()) {
      this.#anew = true;
      const told = `${this.port} has a new journal: what is missing is not known`;
      this.#tell(new SerialdError("out-of-range", told));
    }
    const from = this.#begun ? this.#next : this.#options.from;
    const credit = Math.max(0, this.#window - this.#held);
    this.#owed = 0;
    this.#connection.ask(
      {
        type: "subscribe",
        port: this.port,
        from: this.#anew ? "oldest" : from,
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
    if (record.offset < next) {
      if (record.end <= next) return;
      batch.push(tail(record, next));
    } else {
      batch.push(record);
    }
    this.#next = record.end;
    this.#lastTime = record.time;
    this.#boot = this.#connection.hello?.boot;
  }

  #subscribed(answer: ServerMessage): void {
    const number = count(answer.channel);
    const [from, oldest, head] = [count(answer.from), count(answer.oldest), count(answer.head)];
    if (number === null || number < 1 || number > LAST_CHANNEL) {
      return this.#connection.distrust("a channel that is none");
    }
    if (from === null || oldest === null || head === null) {
      return this.#connection.distrust("a subscription without its offsets");
    }
    if (this.#phase !== "asked") return this.#connection.unroute(number);
    this.#phase = "running";
    this.#number = number;
    this.#connection.route(number, this);
    const resumed = this.#begun && !this.#anew;
    const restarted = this.#begun && this.#anew;
    this.#begun = true;
    this.#anew = false;
    this.#gone = false;
    this.#skipped = false;
    if (!resumed) this.#next = from;
    this.#boot = this.#connection.hello?.boot;
    guard(() => this.#sink.begin?.({ from: this.#next, oldest, head, resumed }));
    if (!restarted) return;
    const time = this.#connection.hello?.time ?? 0;
    this.#give([gap(from, from, { live: false, time })]).catch(report);
  }

  #refused(error: SerialdError): void {
    if (this.#phase !== "asked") return;
    if (error.code === "out-of-range" && !this.#anew) {
      this.#tell(error);
      this.#anew = true;
      this.#phase = "idle";
      this.start();
      return;
    }
    this.#phase = error.code === "unknown-port" ? "absent" : "failed";
    this.#tell(error);
  }

  #tell(error: SerialdError): void {
    guard(() => this.#sink.error?.(error));
  }

  /**
   * A server that restarted without its journal, or a port that went and came back, counts from its beginning again, and may already be past our place.
   * Offsets and times grow together: an oldest record before our place that is younger than our last one is of another journal.
   */
  #isNewJournal(): boolean {
    if (!this.#gone && this.#connection.hello?.boot === this.#boot) return false;
    const journal = this.#connection.ports.get(this.port)?.journal;
    if (!journal || journal.since === null) return false;
    return journal.oldest < this.#next && journal.since > this.#lastTime;
  }
}

function gap(
  offset: Offset,
  end: Offset,
  { live, time }: Pick<SerialRecord, "live" | "time">,
): SerialRecord {
  return { kind: "gap", live, offset, end, time, bytes: new Uint8Array(0) };
}

/** A record from `next` on. A Note is never cut. */
function tail(record: SerialRecord, next: Offset): SerialRecord {
  if (record.kind === "note") return record;
  const bytes = record.bytes.subarray(Math.min(record.bytes.length, next - record.offset));
  return { ...record, offset: next, bytes };
}
