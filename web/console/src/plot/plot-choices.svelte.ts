// PlotChoices: how this browser's person wants a port's plot, kept in localStorage and checked when read.
import type { Parser, PlotAxis } from "seriald";
import { type Checks, flag, keep, oneOf, readKept, recall } from "../model/kept.ts";
import { COLOURS, DEFAULT_WINDOW, KINDS, type Kind, type Look } from "./plot-spec.ts";

export interface Choices {
  kind: Kind;
  /** In seconds. */
  window: number;
  left: PlotAxis;
  right: PlotAxis;
  /** By the names of series. */
  looks: Readonly<Record<string, Look>>;
  parser: Parser;
  /** The series that others are drawn over, in an XY plot. */
  across: string | null;
  /** The table of figures is shown. */
  table: boolean;
}

const MOST_LOOKS = 256;

/** What holds for a port of which nothing was chosen. */
export const DEFAULTS: Readonly<Choices> = {
  kind: "time",
  window: DEFAULT_WINDOW,
  left: {},
  right: {},
  looks: {},
  parser: "auto",
  across: null,
  table: false,
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value.length <= 64;
const isAbsentOr = (check: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || check(value);

const isAxis = (value: unknown): value is PlotAxis =>
  isObject(value) && [value.min, value.max].every(isAbsentOr(Number.isFinite));

const isLook = (value: unknown): value is Look =>
  isObject(value) &&
  isAbsentOr(isText)(value.title) &&
  isAbsentOr(isText)(value.unit) &&
  isAbsentOr(
    (colour) => Number.isInteger(colour) && Number(colour) >= 1 && Number(colour) <= COLOURS,
  )(value.colour) &&
  isAbsentOr((axis) => axis === "left" || axis === "right")(value.axis) &&
  isAbsentOr(flag)(value.hidden);

const CHECKS: Checks<Choices> = {
  kind: oneOf(KINDS),
  window: (value): value is number => Number.isFinite(value) && (value as number) > 0,
  left: isAxis,
  right: isAxis,
  looks: (value): value is Choices["looks"] =>
    isObject(value) &&
    Object.keys(value).length <= MOST_LOOKS &&
    Object.values(value).every(isLook),
  // Whether it can be meant is for the server to say.
  parser: (value): value is Parser => typeof value === "string" || typeof value === "object",
  across: (value): value is string | null => value === null || isText(value),
  table: flag,
};

/** Reads stored text; each value that does not pass its check is the default. */
export const readChoices = (stored: string | null) => readKept(stored, DEFAULTS, CHECKS);

export class PlotChoices {
  readonly #key: string;
  #chosen: Readonly<Choices> = $state.raw(DEFAULTS);

  constructor(port: string) {
    this.#key = `seriald.plot.${port}`;
    this.#chosen = readChoices(recall(this.#key));
  }

  get all(): Readonly<Choices> {
    return this.#chosen;
  }

  /** Changes choices and writes them down. */
  choose(change: Partial<Choices>): void {
    this.#chosen = { ...this.#chosen, ...change };
    keep(this.#key, this.#chosen);
  }

  /** Changes how a series looks; what is undefined is as by itself. */
  look(name: string, change: Look): void {
    const looks: Record<string, Look> = Object.create(null);
    this.choose({
      looks: Object.assign(looks, this.all.looks, {
        [name]: { ...this.all.looks[name], ...change },
      }),
    });
  }
}
