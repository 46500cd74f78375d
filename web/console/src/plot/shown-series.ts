// ShownSeries: the series of a plot with their names, colours and axes: as somebody wanted them, or as their names give.
import type { Found } from "./found-series.ts";
import { COLOURS, type Look, type PlotSpec, type Side } from "./plot-spec.ts";
import { type SeriesColour, seriesColours } from "./series-colours.ts";

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

// Of one language, so that every browser has the same order.
const BY_NAME = new Intl.Collator("en", { numeric: true });

/**
 * The series of a plot in their order: as it is told, or by name. Units other than the first one have the right axis for
 * themselves.
 */
export function shownSeries(
  found: readonly Found[],
  spec: PlotSpec,
  looks: Readonly<Record<string, Look>>,
): ShownSeries[] {
  const chosen = spec.series
    ? spec.series.flatMap(({ name }) => found.find((each) => each.name === name) ?? [])
    : [...found].sort((a, b) => BY_NAME.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
  const colours = spec.series
    ? chosen.map((_, at) => ({ colour: (at % COLOURS) + 1, dash: Math.floor(at / COLOURS) }))
    : seriesColours(chosen.map(({ name }) => name));
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
      ...(look.colour ? { colour: look.colour, dash: 0 } : (colours[place] as SeriesColour)),
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
