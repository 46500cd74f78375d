// How far back a recording reaches, in words.
import { span } from "../model/format.ts";
import type { Recording } from "./answers.ts";

// What was recorded a moment ago still goes on, as far as anybody can tell.
const PRESENT = 60e6;

/** What a recording holds, told from a present in microseconds. */
export function reachOf({ since, until }: Pick<Recording, "since" | "until">, now: number): string {
  if (since === null) return "nothing yet";
  const back = (time: number) => span(Math.max(0, now - time) / 1000);
  if (until === null || now - until < PRESENT) return `the last ${back(since)}`;
  const [begin, end] = [back(since), back(until)];
  return begin === end ? `${end} ago` : `${begin} to ${end} ago`;
}
