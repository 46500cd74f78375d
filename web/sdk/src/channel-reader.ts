// ChannelReader: one reader's place on a port, which outlives connections: it asks, pays with credit and goes on.
import type { Channel, Connection } from "./connection.ts";
import { guard, report, type SerialdError } from "./error.ts";
import { count } from "./fields.ts";
import { type End, isMoment, LAST_MOMENT, type Moment, microseconds, type Place } from "./place.ts";
import type { From, Offset, Request, ServerMessage } from "./talk.ts";
import type { Frame } from "./wire.ts";

/** Where a subscription begins and ends, and how much may be under way. */
export interface PlaceOptions {
  /** Where to begin. */
  from: Place;
  /** Where to end before, at most the head: a reading of the past, for which nobody is listed as a viewer. */
  to?: End | undefined;
  /** The journal that the offset is of, where a page kept its place: if the port has another now, it begins anew, or with `to` fails. */
  journal?: number | undefined;
  /** How many bytes may be on their way to the sink or in it, 1 MiB unless told. `Infinity`: as many as the connection carries. */
  credit?: number | undefined;
}

/** Where a subscription begins, at first and after each lost connection. */
export interface Beginning {
  from: Offset;
  oldest: Offset;
  head: Offset;
  /** It goes on behind the last record delivered. False at first, and where the server began a new journal. */
  resumed: boolean;
}

/** What every sink may want to know. */
export interface Listener {
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

/** A subscription at work. What it does with frames is its kind's matter. */
export abstract class ChannelReader implements Channel, Subscription {
  protected readonly connection: Connection;
  readonly #port: { readonly name: string };
  readonly #options: PlaceOptions;
  readonly #listener: Listener;
  readonly #window: number;
  #number: number | null = null;
  #asked = false;
  #begun = false;
  #closed = false;
  #to: Offset = Number.POSITIVE_INFINITY;
  /** The server's journal is another one than ours: its oldest byte is where we begin. */
  #anew = false;
  #next: Offset;
  #journal: number | undefined;
  /** Bytes that the sink has not done with. Of earlier connections too: a slow page stays bounded. */
  #held = 0;
  /** Bytes that the sink has done with and the server has not been told of. */
  #owed = 0;

  constructor(
    connection: Connection,
    port: { readonly name: string },
    options: PlaceOptions,
    listener: Listener,
  ) {
    const { from, to, journal, credit = CREDIT } = options;
    // What is no time is refused here, and not when the server is to be asked.
    for (const place of [from, to]) if (isMoment(place)) microseconds(place);
    this.connection = connection;
    this.#port = port;
    this.#options = options;
    this.#listener = listener;
    this.#window = credit;
    this.#next = typeof from === "number" ? Math.max(0, from) : 0;
    this.#journal = journal;
  }

  /** What the request says beside the place. */
  protected abstract words(): Pick<Request & { type: "subscribe" }, "answers" | "values">;
  /** Takes what came; the promise holds its credit back. */
  protected abstract deliver(frames: readonly Frame[]): void | Promise<void>;
  /** It begins, or goes on; `isNew`: in a journal that the server has begun meanwhile. */
  protected abstract began(from: Offset, isNew: boolean): void;

  get next(): Offset {
    return this.#next;
  }

  protected set next(offset: Offset) {
    this.#next = offset;
  }

  /** The offset to end before. */
  protected get to(): Offset {
    return this.#to;
  }

  /** Where it goes on after a lost connection. */
  protected get resumeAt(): Offset {
    return this.#next;
  }

  get journal(): number | undefined {
    return this.#journal;
  }

  get number(): number | null {
    return this.#number;
  }

  get port(): string {
    return this.#port.name;
  }

  close(): void {
    this.#closed = true;
    this.connection.remove(this);
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
    guard(() => this.#listener.end?.());
  }

  start(): void {
    if (this.#asked || this.#closed || this.port === "") return;
    this.#release();
    if (this.#begun && this.#next >= this.#to) return this.ended();
    this.#asked = true;
    if (this.#anew) return this.#subscribe("oldest");
    if (this.#begun) return this.#subscribe(this.resumeAt);
    const { from, to } = this.#options;
    this.#locate(from, (from) =>
      this.#locate<Offset>(to === "now" ? LAST_MOMENT : (to ?? Number.POSITIVE_INFINITY), (to) => {
        this.#to = to;
        this.#subscribe(from);
      }),
    );
  }

  take(frames: readonly Frame[]): void {
    let size = 0;
    for (const frame of frames) size += frame.size;
    this.#held += size;
    this.hand(() => this.deliver(frames)).then(() => this.#done(size));
  }

  /** Calls a sink; resolves when it has done with what it got, be it by a failure, which is reported. */
  protected async hand(give: () => void | Promise<void>): Promise<void> {
    try {
      await give();
    } catch (error) {
      report(error);
    }
  }

  #done(size: number): void {
    this.#held -= size;
    this.#owed += size;
    if (this.#number === null || this.#owed * 4 < this.#window) return;
    this.connection.credit(this.#number, this.#owed);
    this.#owed = 0;
  }

  /** Turns a moment into an offset, by the server's journal; each connection anew, for the journal may be another. */
  #locate<T extends From>(place: T | Moment, then: (place: T | Offset) => void): void {
    if (!isMoment(place)) return then(place);
    this.connection.ask(
      { type: "moment", port: this.port, time: microseconds(place) },
      ({ offset }) => {
        const found = count(offset);
        if (found === null) this.connection.distrust("a moment that is nowhere");
        else if (!this.#closed) then(found);
      },
      (error) => this.#refused(error),
    );
  }

  #subscribe(from: From): void {
    const credit = Math.max(0, this.#window - this.#held);
    this.#owed = 0;
    const isBounded = Number.isFinite(this.#to);
    const isKnown = this.#journal !== undefined && !this.#anew;
    this.connection.ask(
      {
        type: "subscribe",
        port: this.port,
        from,
        ...(isBounded ? { to: this.#to } : {}),
        ...(isKnown ? { journal: this.#journal } : {}),
        ...(Number.isFinite(credit) ? { credit } : {}),
        ...this.words(),
      },
      (answer) => this.#subscribed(answer),
      (error) => this.#refused(error),
    );
  }

  #subscribed(answer: ServerMessage): void {
    const number = count(answer.channel);
    const [from, oldest, head] = [count(answer.from), count(answer.oldest), count(answer.head)];
    if (number === null || number < 1 || number > LAST_CHANNEL) {
      return this.connection.distrust("a channel that is none");
    }
    const journal = count(answer.journal);
    if (from === null || oldest === null || head === null || journal === null) {
      return this.connection.distrust("a subscription without its place");
    }
    if (this.#closed) return this.connection.unroute(number);
    this.#asked = false;
    this.#number = number;
    this.connection.route(number, this);
    const anew = this.#anew;
    const resumed = this.#begun && !anew;
    this.#begun = true;
    this.#anew = false;
    this.#journal = journal;
    if (!resumed) this.#next = from;
    guard(() => this.#listener.begin?.({ from: this.#next, oldest, head, resumed }));
    this.began(this.#next, anew);
  }

  #refused(error: SerialdError): void {
    if (!this.#asked || this.#closed) return;
    this.#asked = false;
    const isBounded = this.#options.to !== undefined;
    const again = error.code === "out-of-range" && !this.#anew && !isBounded;
    this.#anew ||= again;
    guard(() => this.#listener.error?.(error));
    if (again) this.start();
  }

  #release(): void {
    if (this.#number !== null) this.connection.unroute(this.#number);
    this.#number = null;
  }
}
