// The server's addresses for looking back: questions and answers.

import { jsonLines } from "seriald";
import { serverUrl } from "../model/address.ts";
import { askAt } from "../model/ask.ts";
import {
  type Mark,
  type Moment,
  type Recordings,
  readMarks,
  readMoment,
  readRecordings,
  readSearchAnswer,
  readTimeline,
  type SearchAnswer,
  type Timeline,
} from "./answers.ts";

/** A time for a query: microseconds since the epoch. */
export const timeParameter = (time: number): string => `@${Math.max(0, Math.round(time))}`;

/** Words for a query; what is undefined is left out. */
export type Parameters = Record<string, string | number | undefined>;

/** An address below a port, or of the server itself. */
export function addressOf(path: string, parameters: Parameters, page = location.href): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return serverUrl(`api/v1/${path}${text ? `?${text}` : ""}`, page);
}

/** Where something of a port is. */
export const pathOf = (port: string, what: string): string =>
  `ports/${encodeURIComponent(port)}/${what}`;

/** A timeline of a port. */
export async function timeline(
  port: string,
  from: number,
  to: number,
  points: number,
  signal?: AbortSignal,
): Promise<Timeline> {
  const parameters = { from: timeParameter(from), to: timeParameter(to), points };
  return readTimeline(await json(addressOf(pathOf(port, "timeline"), parameters), { signal }));
}

/** The marks of a port, oldest first. */
export async function marks(port: string, signal?: AbortSignal): Promise<Mark[]> {
  return readMarks(await json(addressOf(pathOf(port, "marks"), {}), { signal }));
}

/** The first record at a time or later. */
export async function momentAt(port: string, time: number, signal?: AbortSignal): Promise<Moment> {
  const address = addressOf(pathOf(port, "moment"), { time: timeParameter(time) });
  return readMoment(await json(address, { signal }));
}

/** The time of the record that holds a byte. */
export async function momentOf(
  port: string,
  offset: number,
  signal?: AbortSignal,
): Promise<Moment> {
  return readMoment(await json(addressOf(pathOf(port, "moment"), { offset }), { signal }));
}

/** All recordings that the server has. */
export async function recordings(signal?: AbortSignal): Promise<Recordings> {
  return readRecordings(await json(addressOf("recording", {}), { signal }));
}

/** Looks through recordings; stops when nobody reads on, or by the signal. */
export async function* search(
  parameters: Parameters,
  signal: AbortSignal,
): AsyncGenerator<SearchAnswer> {
  const response = await askAt(addressOf("search", parameters), { signal });
  if (!response.body) return;
  for await (const value of jsonLines(response.body)) {
    const answer = readSearchAnswer(value);
    if (answer) yield answer;
  }
}

async function json(address: string, init: RequestInit): Promise<unknown> {
  return (await askAt(address, init)).json();
}
