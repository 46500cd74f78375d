// Flasher: writes a file to a port's device by a command of the server's configuration.
import { SerialdError } from "./error.ts";
import { count, type Fields, fieldsOf, isFields, objects, text, texts } from "./fields.ts";
import { jsonLines } from "./json-lines.ts";
import type { Rest } from "./rest.ts";

/** A command that may write files to a port. */
export interface FlashCommand {
  /** Its name in the configuration. */
  command: string;
  /** What people call it. */
  title: string;
  /** The endings that it takes, such as `.bin`; none: any file. */
  files: string[];
  /** The largest file that it takes, in bytes. */
  size: number;
  /** The longest that it may take. */
  seconds: number;
}

/** How a command ended. All is well where `why` is `exit` and `code` is 0. */
export interface FlashEnd {
  why: "exit" | "signal" | "time" | "stopped" | "taken-back" | "server" | (string & {});
  code: number | null;
  signal?: number;
  /** Who stopped it. */
  by?: string;
  /** How long it was at work, in milliseconds. */
  ms: number;
}

/** A file that is being written, or was. */
export interface FlashRun {
  command: string;
  title: string;
  file: string;
  /** In bytes. */
  size: number;
  sha256: string;
  by: string;
  /** In microseconds since the epoch, like `until`, when it ends at the latest. */
  since: number;
  until: number;
  /** Null while it is at work. */
  ended: FlashEnd | null;
}

/** What is told while a file is written, in its order; `ended` is the last. */
export type FlashNews =
  | { type: "started"; run: FlashRun }
  /** Of both of its outputs, with carriage returns and escape sequences as they are. */
  | { type: "output"; text: string }
  /** So much of the output was thrown away, because it was read too slowly. */
  | { type: "gap"; bytes: number }
  | { type: "ended"; end: FlashEnd };

export interface FlashOptions {
  /** Gives up an upload, or stops reading: a command that is at work goes on. */
  signal?: AbortSignal | undefined;
  /** Sends the file instead of the page's own fetch: one that tells how far it is, say. */
  fetch?: typeof fetch | undefined;
}

/** The commands that write files to a port. */
export class Flasher {
  readonly #rest: Rest;
  readonly #port: () => Promise<string>;

  /** Made by `Port.flasher`. */
  constructor(rest: Rest, port: () => Promise<string>) {
    this.#rest = rest;
    this.#port = port;
  }

  /** The commands for this port, and what is being written or was written last. */
  async state(): Promise<{ commands: FlashCommand[]; latest: FlashRun | null }> {
    const response = await this.#rest.ask(await this.#path());
    const { commands, latest } = fieldsOf(await response.json().catch(() => null));
    return {
      commands: objects(commands).map(commandOf),
      latest: isFields(latest) ? runOf(latest) : null,
    };
  }

  /** Sends a file of that name, and has a command write it. Stopping to read does not stop the command. */
  async *write(
    command: string,
    name: string,
    file: Blob | Uint8Array<ArrayBuffer>,
    options: FlashOptions = {},
  ): AsyncGenerator<FlashNews, void> {
    const path = `${await this.#path(command)}?${new URLSearchParams({ file: name })}`;
    const headers = { "content-type": "application/octet-stream" };
    yield* this.#read(path, { method: "POST", headers, body: file }, options);
  }

  /** Tells of what that command writes, or wrote last, from the beginning. Rejects with `not-running` where that was nothing. */
  async *follow(command: string, options: FlashOptions = {}): AsyncGenerator<FlashNews, void> {
    yield* this.#read(await this.#path(command), {}, options);
  }

  /** Ends a command, whoever started it. What was half written stays so. */
  async stop(command: string): Promise<void> {
    await this.#rest.ask(await this.#path(command), { method: "DELETE" });
  }

  async #path(command?: string): Promise<string> {
    const path = `ports/${encodeURIComponent(await this.#port())}/flash`;
    return command === undefined ? path : `${path}/${encodeURIComponent(command)}`;
  }

  async *#read(
    path: string,
    init: RequestInit,
    { signal, fetch }: FlashOptions,
  ): AsyncGenerator<FlashNews, void> {
    const { body } = await this.#rest.ask(path, { ...init, ...(signal ? { signal } : {}) }, fetch);
    try {
      for await (const line of body ? jsonLines(body) : []) {
        const news = newsOf(fieldsOf(line));
        if (news) yield news;
        if (news?.type === "ended") return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw lost(error);
    }
    throw lost();
  }
}

function lost(cause?: unknown): SerialdError {
  return new SerialdError(
    "connection-lost",
    `the connection broke while the file was written, which goes on: follow it${cause ? ` (${cause})` : ""}`,
  );
}

function newsOf(line: Fields): FlashNews | null {
  switch (line.type) {
    case "started":
      return { type: "started", run: runOf({ ...line, ended: null }) };
    case "output":
      return { type: "output", text: text(line.text) };
    case "gap":
      return { type: "gap", bytes: count(line.bytes) ?? 0 };
    case "ended":
      return { type: "ended", end: endOf(line) };
    default:
      return null;
  }
}

function commandOf({ command, title, files, size, seconds }: Fields): FlashCommand {
  return {
    command: text(command),
    title: text(title) || text(command),
    files: texts(files),
    size: count(size) ?? Number.POSITIVE_INFINITY,
    seconds: count(seconds) ?? 0,
  };
}

function runOf({ command, title, file, size, sha256, by, since, until, ended }: Fields): FlashRun {
  return {
    command: text(command),
    title: text(title) || text(command),
    file: text(file),
    size: count(size) ?? 0,
    sha256: text(sha256),
    by: text(by),
    since: count(since) ?? 0,
    until: count(until) ?? 0,
    ended: isFields(ended) ? endOf(ended) : null,
  };
}

function endOf({ why, code, signal, by, ms }: Fields): FlashEnd {
  return {
    why: text(why, "server"),
    code: Number.isInteger(code) ? (code as number) : null,
    ...(Number.isInteger(signal) ? { signal: signal as number } : {}),
    ...(text(by) ? { by: text(by) } : {}),
    ms: count(ms) ?? 0,
  };
}
