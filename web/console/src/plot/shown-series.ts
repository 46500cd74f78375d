// ShownSeries: the series of a plot with their names, colours and axes: as somebody wanted them, or by turns.
import type { Found } from "./found-series.ts";
import { COLOURS, type Look, type PlotSpec, type Side } from "./plot-spec.ts";

export interface ShownSeries {
  /** As in what was found. */
  readonly number: number;
  readonly name: string;
  /** What it is called here. */
  readonly title: string;
  readonly unit: string;
  /** 1 to 8. */
  readonly colour: number;
  /** Above 0 where a colour is used again. */
  readonly dash: number;
  readonly side: Side;
  readonly hidden: boolean;
}

/** The series of a plot in their order. Units other than the first one have the right axis for themselves. */
export function shownSeries(
  found: readonly Found[],
  spec: PlotSpec,
  looks: Readonly<Record<string, Look>>,
): ShownSeries[] {
  const chosen = spec.series
    ? spec.series.flatMap(({ name }) => found.find((each) => each.name === name) ?? [])
    : found;
  const lookOf = (name: string): Look => (Object.hasOwn(looks, name) && looks[name]) || {};
  const unitOf = ({ name, unit }: Found) => lookOf(name).unit ?? unit;
  const firstUnit = chosen[0] ? unitOf(chosen[0]) : "";
  return chosen.map((each, place) => {
    const { number, name } = each;
    const look = lookOf(name);
    const unit = unitOf(each);
    return {
      number,
      name,
      unit,
      title: look.title || name,
      colour: look.colour ?? (place % COLOURS) + 1,
      dash: look.colour ? 0 : Math.floor(place / COLOURS),
      side: look.axis ?? (unit === firstUnit ? "left" : "right"),
      hidden: look.hidden ?? false,
    };
  });
}

/** The units of the series on an axis, few and short. */
export function unitOf(series: readonly ShownSeries[], side: Side): string {
  const units = new Set(series.filter((each) => each.side === side).map(({ unit }) => unit));
  units.delete("");
  return units.size > 3 ? "" : [...units].join(", ");
}
