// Trial: what a trigger would have done, looked up in what was recorded.
import type { Parser, Trigger } from "seriald";
import { jsonLines } from "seriald";
import { addressOf, pathOf } from "../../history/api.ts";
import { askAt } from "../../model/ask.ts";

/** A line at which the trigger would have acted. */
export interface Hit {
  offset: number;
  /** Microseconds since the epoch. */
  time: number;
  line: string;
  /** NaN where it is about none. */
  value: number;
}

export type Told =
  | { type: "hit"; hit: Hit }
  | { type: "progress"; part: number }
  | { type: "end"; leftOut: number; isAll: boolean };

/** Most hits that are asked for. */
export const MOST_HITS = 100;

/** Holds a trigger against all that was recorded of a port, as it is found. */
export async function* trial(
  port: string,
  trigger: Trigger,
  values: Parser,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const response = await askAt(addressOf(pathOf(port, "try"), {}), {
    signal,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ trigger, values, limit: MOST_HITS }),
  });
  if (!response.body) return;
  for await (const value of jsonLines(response.body)) {
    const told = readTold(value);
    if (told) yield told;
  }
}

/** Reads a line of the answer; null where it says nothing that is known. */
export function readTold(value: unknown): Told | null {
  const fields = (value ?? {}) as Record<string, unknown>;
  const number = (name: string) =>
    typeof fields[name] === "number" ? (fields[name] as number) : 0;
  switch (fields.type) {
    case "hit":
      return {
        type: "hit",
        hit: {
          offset: number("offset"),
          time: number("time"),
          line: String(fields.line ?? ""),
          value: typeof fields.value === "number" ? fields.value : Number.NaN,
        },
      };
    case "progress":
      return { type: "progress", part: number("searched") / Math.max(1, number("of")) };
    case "end":
      return { type: "end", leftOut: number("left_out"), isAll: fields.more === undefined };
    case "error":
      throw new Error(String(fields.detail ?? fields.message ?? "The server broke off."));
    default:
      return null;
  }
}
