// The text messages of the protocol: their types, and the reading of what a server sends, of which nothing is believed unseen.
import { count, type Fields, isFields, objects, text } from "./fields.ts";
import type { Step } from "./panel.ts";
import type { Parser } from "./parser.ts";

/** A number that names a byte of a port's journal, or a time in microseconds since the epoch. */
export type Offset = number;

/** What may be done with a port: watch it, write, change settings and lines, decide how others reach it. Each includes those before it. */
export type Right = "see" | "type" | "control" | "administer";

/** The largest sizes that the server takes, in bytes (and a number of subscriptions). */
export interface Limits {
  message: number;
  write: number;
  subscriptions: number;
}

/** The server's first message. */
export interface Hello {
  protocol: number;
  /** The version of the program. */
  version: string;
  /** Changes when the server restarts. */
  boot: string;
  /** This connection's id, as in {@link Viewer.client}. */
  client: string;
  /** The name that others see. */
  name: string;
  /** The server's clock, in microseconds since the epoch. */
  time: number;
  /** What may be done on any port at most; what may be done on one, its state says. */
  may: Right[];
  limits: Limits;
}

/** What a USB device says about itself. */
export interface Usb {
  vid: string | null;
  pid: string | null;
  serial: string | null;
  manufacturer: string | null;
  product: string | null;
  interface: string | null;
}

/** What a device can be known by. */
export interface Identity {
  path: string | null;
  by_id: string | null;
  by_path: string | null;
  topology: string | null;
  usb: Usb | null;
  driver: string | null;
}

export type Parity = "none" | "even" | "odd" | "mark" | "space";
export type StopBits = "1" | "1.5" | "2";
export type Flow = "none" | "rtscts" | "xonxoff";
/** What is done to a modem line when the port is opened. */
export type LinePolicy = "leave" | "assert" | "deassert";

/** The part of the settings that a driver reports back. */
export interface LineSettings {
  baud: number;
  data_bits: number;
  parity: Parity;
  stop_bits: StopBits;
  flow: Flow;
}

/** The settings that were asked for. */
export interface Settings extends LineSettings {
  dtr: LinePolicy;
  rts: LinePolicy;
  /** Drop the lines when the port is closed. */
  hangup: boolean;
}

/** The modem lines; true is asserted. */
export interface Lines {
  dtr: boolean;
  rts: boolean;
  cts: boolean;
  dsr: boolean;
  dcd: boolean;
  ri: boolean;
}

/** The driver's error counters. */
export interface LineErrors {
  framing: number;
  parity: number;
  overrun: number;
  break: number;
  buffer: number;
}

/** Somebody who watches a port. */
export interface Viewer {
  client: string;
  name: string;
  from: string;
  door: string;
}

export type PortCondition = "closed" | "opening" | "open" | "waiting" | "released";

/** Why a port is not open. */
export interface PortError {
  code: "missing" | "busy" | "denied" | "not-a-tty" | "lost" | "io" | (string & {});
  /** For people; names the way out. */
  message: string;
  /** When it is tried again, in microseconds since the epoch. */
  retry: number | null;
}

/** What is kept of a port on the server's disk, and how that goes. */
export interface Recording {
  /** `rx`: what comes in, and Notes. */
  records: "all" | "rx" | "none";
  state: "off" | "on" | "failing";
  /** Bytes and files that the recording of this port takes on disk. */
  bytes: number;
  files: number;
  /** Everything before this offset is on disk, as far as it was to be. */
  stored: Offset;
  /** Bytes that could not be recorded since the server began. */
  lost: number;
  /** While it fails: why, for people; names the way out. */
  problem: string | null;
}

/** A device that a program has for a while; times in microseconds since the epoch. */
export interface Loan {
  /** The program. */
  to: string;
  /** Who lent it. */
  by: string;
  since: number;
  /** When it comes back at the latest. */
  until: number;
  /** The configured command that writes a file to it, where one does; opening the port ends that. */
  flash?: string;
}

/** A macro at work on a port. */
export interface Run {
  /** Its number, by which it is stopped. */
  run: number;
  title: string;
  /** Who started it. */
  by: string;
  /** Microseconds since the epoch. */
  since: number;
  /** The panel and the widget that started it, where one did. */
  panel?: string;
  widget?: string;
}

/** A port that is somebody's for a while; times in microseconds since the epoch. */
export interface Booked {
  id: number;
  /** Whose it is. */
  by: string;
  /** The job that it is for, of that account. */
  job?: string;
  title?: string;
  from: number;
  until: number;
  /** Whether programs over RFC 2217 and raw TCP may type. */
  programs: boolean;
}

/** Somebody at a port. */
export interface Asking {
  /** The connection, as in {@link Viewer.client}. */
  client: string;
  /** The name that others see. */
  name: string;
}

/** Who has the turn. */
export interface TurnHolder extends Asking {
  /** The account, all of whose connections have the turn; null where there is none. */
  account: string | null;
  /** Microseconds since the epoch. */
  since: number;
  /** Its connection is gone, and may come again. */
  away: boolean;
}

/** Who may type where one at a time may. */
export interface Turn {
  /** Null: the next who types has the turn. */
  holder: TurnHolder | null;
  /** Who asks for it, the first first. */
  asking: Asking[];
}

/** What is done about the turn; `on`, `off` and `force` are for who may control the port. */
export type TurnAct = "on" | "off" | "take" | "ask" | "give" | "leave" | "force";

/** Where programs reach a port, as addresses of the server's machine; an empty list is a closed door. */
export interface Doors {
  rfc2217: string[];
  tcp: string[];
}

/** Everything about a port at one moment. */
export interface PortState {
  name: string;
  /** What was asked for. */
  device: string;
  /** Listed because it is plugged in, not because it is configured. */
  found: boolean;
  /** Where the device is now. */
  path: string | null;
  identity: Identity | null;
  state: PortCondition;
  /** Since when it is in that state, in microseconds since the epoch. */
  since: number;
  /** Who has the device; opening the port takes it back. */
  lent: Loan | null;
  error: PortError | null;
  settings: Settings;
  /** What the driver says is in force. */
  actual: LineSettings | null;
  lines: Lines | null;
  errors: LineErrors | null;
  /** The device does not take what is written. */
  held: boolean;
  /** Bytes that wait to be written. */
  queued: number;
  recording: Recording;
  /** `id` names the journal that offsets are of; `since` is the time of its oldest record. */
  journal: { id: number; oldest: Offset; head: Offset; since: number | null };
  /** Payload bytes since the start. */
  total: { rx: number; tx: number };
  /** Payload bytes in the last second. */
  rate: { rx: number; tx: number };
  viewers: Viewer[];
  /** The client whose terminal answers the device's queries. */
  answerer: string | null;
  doors: Doors;
  /** The macros that are at work on the port. */
  running: Run[];
  /** Whose it is now, and next; absent where nobody's. */
  booked?: Booked | undefined;
  booked_next?: Booked | undefined;
  /** Absent where all who may type can at any time. */
  turn?: Turn | undefined;
  /** What this connection may do with the port. */
  may: Right[];
}

/** Something that happened to a port. */
export interface Note {
  /** `opened`, `lost`, `waiting`, `released`, `settings`, `lines`, `break-sent`, `break`, `pulse`, `cancelled`, `mark`, `trigger`, `halt`, `recording`, `flash`, `door`, `turn`, `said`, `booked`. */
  what: string;
  /** A sentence for people. */
  text: string;
  /** The person or program that did it. */
  by?: string;
  [detail: string]: unknown;
}

/** A message from the server that has at least a type. */
export type ServerMessage = { type: string; id?: unknown; [field: string]: unknown };

/** Where to begin: an offset, −N for N bytes before the head, or one end of the journal. */
export type From = number | "now" | "oldest";

/** What a widget is set to: a number, a text, or on and off. */
export type UseValue = number | string | boolean;

/** What a client may say, without the id. */
export type Request =
  | {
      type: "subscribe";
      port: string;
      from: From;
      to?: Offset;
      journal?: number;
      credit?: number;
      answers?: boolean;
      values?: Parser;
    }
  | { type: "unsubscribe"; channel: number }
  | {
      type: "write";
      port: string;
      text?: string;
      hex?: string;
      remember?: string;
      answer?: boolean;
    }
  | { type: "cancel" | "open" | "release" | "sent" | "answer" | "halt"; port: string }
  | { type: "set"; port: string; settings: Partial<Settings> }
  | { type: "lines"; port: string; dtr?: boolean; rts?: boolean }
  | { type: "doors"; port: string; rfc2217?: string | null; tcp?: string | null }
  | { type: "break"; port: string; ms?: number }
  | { type: "pulse"; port: string; sequence: string }
  | { type: "mark"; port: string; text: string; at?: Offset }
  | { type: "moment"; port: string; time: number }
  | {
      type: "request";
      port: string;
      text?: string;
      hex?: string;
      until?: string;
      timeout?: number;
      case?: boolean;
    }
  | { type: "abort"; request: number }
  | { type: "run"; port: string; steps: readonly Step[] }
  | { type: "run"; port: string; panel: string; macro: string }
  | { type: "use"; port: string; panel: string; widget: string; value?: UseValue }
  | { type: "stop"; port: string; run: number }
  | { type: "turn"; port: string; act: TurnAct; to?: string }
  | { type: "say"; port: string; text: string }
  | { type: "key"; key: string }
  | { type: "name"; name: string }
  | { type: "ping" };

/** Grants more record bytes on a channel; the one message without an answer. */
export type Credit = { type: "credit"; channel: number; bytes: number };

/** Reads a text message; null where it is not one of ours. */
export function parseMessage(message: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return null;
  }
  return isFields(value) && typeof value.type === "string" ? (value as ServerMessage) : null;
}

const RIGHTS: readonly Right[] = ["see", "type", "control", "administer"];

function rightsOf(value: unknown): Right[] {
  const may: readonly unknown[] = Array.isArray(value) ? value : [];
  return RIGHTS.filter((right) => may.includes(right));
}

/** Reads a `hello`. */
export function parseHello(message: ServerMessage): Hello {
  const limits = isFields(message.limits) ? message.limits : {};
  return {
    protocol: count(message.protocol) ?? 0,
    version: text(message.version),
    boot: text(message.boot),
    client: text(message.client),
    name: text(message.name),
    time: count(message.time) ?? 0,
    may: rightsOf(message.may),
    limits: {
      message: count(limits.message) || 1 << 20,
      write: count(limits.write) || 1 << 16,
      subscriptions: count(limits.subscriptions) || 256,
    },
  };
}

const CONDITIONS: readonly unknown[] = ["closed", "opening", "open", "waiting", "released"];
const SETTINGS: Settings = {
  baud: 115200,
  data_bits: 8,
  parity: "none",
  stop_bits: "1",
  flow: "none",
  dtr: "leave",
  rts: "leave",
  hangup: false,
};

function both(value: unknown): { rx: number; tx: number } {
  const fields = isFields(value) ? value : {};
  return { rx: count(fields.rx) ?? 0, tx: count(fields.tx) ?? 0 };
}

function recordingOf(value: unknown): Recording {
  const fields = isFields(value) ? value : {};
  const { records, state } = fields;
  return {
    records: records === "all" || records === "rx" ? records : "none",
    state: state === "on" || state === "failing" ? state : "off",
    bytes: count(fields.bytes) ?? 0,
    files: count(fields.files) ?? 0,
    stored: count(fields.stored) ?? 0,
    lost: count(fields.lost) ?? 0,
    problem: text(fields.problem) || null,
  };
}

function orNull<T>(value: unknown): T | null {
  return isFields(value) ? (value as T) : null;
}

/** Reads a port's state; null where it has no name. What is missing or of the wrong kind gets its resting value. */
export function parsePort(value: unknown): PortState | null {
  if (!isFields(value) || typeof value.name !== "string" || value.name === "") return null;
  const journal = isFields(value.journal) ? value.journal : {};
  const oldest = count(journal.oldest) ?? 0;
  const error = isFields(value.error) ? value.error : null;
  return {
    name: value.name,
    device: text(value.device, value.name),
    found: value.found === true,
    path: text(value.path) || null,
    identity: orNull<Identity>(value.identity),
    state: CONDITIONS.includes(value.state) ? (value.state as PortCondition) : "closed",
    since: count(value.since) ?? 0,
    lent: orNull<Loan>(value.lent),
    error: error && {
      code: text(error.code, "io"),
      message: text(error.message),
      retry: count(error.retry),
    },
    settings: { ...SETTINGS, ...orNull<Settings>(value.settings) },
    actual: orNull<LineSettings>(value.actual),
    lines: orNull<Lines>(value.lines),
    errors: orNull<LineErrors>(value.errors),
    held: value.held === true,
    queued: count(value.queued) ?? 0,
    journal: {
      id: count(journal.id) ?? 0,
      oldest,
      head: Math.max(oldest, count(journal.head) ?? 0),
      since: count(journal.since),
    },
    recording: recordingOf(value.recording),
    total: both(value.total),
    rate: both(value.rate),
    viewers: objects(value.viewers).map((viewer) => ({
      client: text(viewer.client),
      name: text(viewer.name),
      from: text(viewer.from),
      door: text(viewer.door),
    })),
    answerer: text(value.answerer) || null,
    doors: doorsOf(value.doors),
    running: objects(value.running).map((running) => ({
      run: count(running.run) ?? 0,
      title: text(running.title),
      by: text(running.by),
      since: count(running.since) ?? 0,
      ...(typeof running.panel === "string" && typeof running.widget === "string"
        ? { panel: running.panel, widget: running.widget }
        : {}),
    })),
    booked: orNull<Booked>(value.booked) ?? undefined,
    booked_next: orNull<Booked>(value.booked_next) ?? undefined,
    turn: turnOf(value.turn),
    // A server that says nothing of rights keeps none back.
    may: value.may === undefined ? [...RIGHTS] : rightsOf(value.may),
  };
}

function turnOf(value: unknown): Turn | undefined {
  if (!isFields(value)) return undefined;
  const who = (one: Fields) => ({ client: text(one.client), name: text(one.name) });
  const holder = orNull<Fields>(value.holder);
  return {
    holder: holder && {
      ...who(holder),
      account: text(holder.account) || null,
      since: count(holder.since) ?? 0,
      away: holder.away === true,
    },
    asking: objects(value.asking).map(who),
  };
}

/** Reads where programs reach a port. */
export function doorsOf(value: unknown): Doors {
  const addresses = (list: unknown): string[] =>
    Array.isArray(list) ? list.filter((address) => typeof address === "string") : [];
  const doors = isFields(value) ? value : {};
  return { rfc2217: addresses(doors.rfc2217), tcp: addresses(doors.tcp) };
}

/** Reads a Note's payload; damaged ones keep their place with an empty text. */
export function parseNote(payload: string): Note {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    value = null;
  }
  const fields = isFields(value) ? value : {};
  const note: Note = { ...fields, what: text(fields.what, "unreadable"), text: text(fields.text) };
  if (typeof fields.by !== "string") delete note.by;
  return note;
}
