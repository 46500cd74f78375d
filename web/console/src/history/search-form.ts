// SearchForm: what is looked for in recordings, and the words in which the server is asked.
import { type Parameters, timeParameter } from "./api.ts";

export const KINDS = [
  { kind: "rx", text: "Came in" },
  { kind: "tx", text: "Was sent" },
  { kind: "note", text: "Notes" },
] as const;
export type Kind = (typeof KINDS)[number]["kind"];

/** How far back one looks. */
export const PERIODS = [
  { period: "any", text: "Any time", minutes: null },
  { period: "10m", text: "The last 10 minutes", minutes: 10 },
  { period: "1h", text: "The last hour", minutes: 60 },
  { period: "1d", text: "The last day", minutes: 1440 },
  { period: "7d", text: "The last 7 days", minutes: 7 * 1440 },
  { period: "between", text: "Between…", minutes: null },
] as const;
export type Period = (typeof PERIODS)[number]["period"];

export interface SearchForm {
  text: string;
  regex: boolean;
  matchCase: boolean;
  everywhere: boolean;
  kinds: readonly Kind[];
  period: Period;
  /** As a `datetime-local` field has them, local time; empty is open. */
  from: string;
  to: string;
  /** Lines before and after each match. */
  context: number;
}

export const EMPTY_FORM: Readonly<SearchForm> = {
  text: "",
  regex: false,
  matchCase: false,
  everywhere: true,
  kinds: ["rx"],
  period: "any",
  from: "",
  to: "",
  context: 1,
};

/** Matches that are asked for at once. */
export const PAGE = 100;

/** The question for the server; `now` is its clock, in microseconds. */
export function questionOf(form: SearchForm, port: string, now: number): Parameters {
  const minutes = PERIODS.find(({ period }) => period === form.period)?.minutes ?? null;
  const between = form.period === "between";
  const from = minutes === null ? (between ? localTime(form.from) : null) : now - minutes * 60e6;
  const to = between ? localTime(form.to) : null;
  return {
    q: form.text,
    regex: form.regex ? "yes" : undefined,
    case: form.matchCase ? "yes" : undefined,
    port: form.everywhere ? undefined : port,
    kind: form.kinds.length > 0 ? form.kinds.join(",") : undefined,
    from: from === null ? undefined : timeParameter(from),
    to: to === null ? undefined : timeParameter(to),
    limit: PAGE,
    context: form.context || undefined,
  };
}

/** A `datetime-local` field's time in microseconds; null where it says none. */
export function localTime(field: string): number | null {
  const time = field === "" ? Number.NaN : new Date(field).getTime();
  return Number.isNaN(time) ? null : time * 1000;
}

/** A time as a `datetime-local` field has it, to the second. */
export function fieldTime(time: number): string {
  const date = new Date(time / 1000);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}
