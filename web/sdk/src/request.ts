// Request: a question to a device and what it replies.
import { SerialdError } from "./error.ts";
import { count, text } from "./fields.ts";
import type { Offset, ServerMessage } from "./talk.ts";

export interface RequestOptions {
  /**
   * What ends the reply, as in a search (`docs/history.md`): a line in which something stands, unless told; its group is the line without its end. A text is in the syntax of Rust's `regex`, and
   * large and small letters are the same. Of a `RegExp` its source and its flags `i` and `s` count; `^` and `$` stand at lines.
   */
  until?: string | RegExp | undefined;
  /** Milliseconds, 5000 unless told, at most an hour; then it fails with `timed-out` and what came as `detail.text`. */
  timeout?: number | undefined;
  /** Stops the waiting, here and on the server. What was written stays written. */
  signal?: AbortSignal | undefined;
}

/** What a device replied. */
export interface Reply {
  /** What came, up to the end of the match. */
  text: string;
  /** The match, and then its groups; null where a group has no part in it. */
  match: (string | null)[];
  /** Where the match is in the journal. */
  offset: Offset;
  length: number;
}

/** What the request says of its end. */
export function untilWords(until: string | RegExp | undefined): { until?: string; case?: boolean } {
  if (until === undefined) return {};
  if (typeof until === "string") return { until };
  const { source, dotAll, ignoreCase } = until;
  return { until: dotAll ? `(?s)${source}` : source, case: !ignoreCase };
}

/** Reads the answer to a request. */
export function parseReply(answer: ServerMessage): Reply {
  const [offset, length] = [count(answer.offset), count(answer.length)];
  if (offset === null || length === null || !Array.isArray(answer.match)) {
    throw new SerialdError("protocol", "the server sent a reply without its place");
  }
  return {
    text: text(answer.text),
    match: answer.match.map((group) => (typeof group === "string" ? group : null)),
    offset,
    length,
  };
}
