// SVG: a plot as a file of lines. What devices call things is text in it, whatever it says.
import { type Curve, pointsBetween, traceLine } from "./curve.ts";
import { DASHES } from "./dashes.ts";
import { mappingOf } from "./picture.ts";
import { layOut, MARGIN, type PlotSheet, SWATCH, TITLE_HEIGHT } from "./plot-sheet.ts";
import type { Rgb } from "./theme-inks.ts";

/** The file. */
export function svgOf(sheet: PlotSheet): string {
  const { title, width, area, inks, picture } = sheet;
  const { entries, height } = layOut(sheet);
  const legend = entries.map(
    ({ series, text, x, y }) =>
      `<line x1="${x}" y1="${y}" x2="${x + SWATCH}" y2="${y}" stroke-width="3"${ink(inks.series[series.colour - 1], series.dash)}/>` +
      `<text x="${x + SWATCH + 6}" y="${y + 4}" font-size="12">${escaped(text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" fill="${inks.text}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${inks.surface}"/>`,
    `<text x="${MARGIN}" y="20" font-size="14" font-weight="600">${escaped(title)}</text>`,
    `<g transform="translate(0 ${TITLE_HEIGHT})">`,
    axes(sheet),
    `<clipPath id="area"><rect x="${area.left}" y="${area.top}" width="${area.width}" height="${area.height}"/></clipPath>`,
    `<g clip-path="url(#area)" fill="none" stroke-width="1.5" stroke-linejoin="round">`,
    ...picture.curves.map((curve) => path(curve, sheet)),
    "</g></g>",
    ...legend,
    "</svg>",
  ].join("\n");
}

function axes({ area, ticks, inks, picture }: PlotSheet): string {
  const [right, bottom] = [area.left + area.width, area.top + area.height];
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${near(x1)}" y1="${near(y1)}" x2="${near(x2)}" y2="${near(y2)}" stroke="${inks.line}"/>`;
  const text = (x: number, y: number, anchor: string, words: string) =>
    `<text x="${near(x)}" y="${near(y)}" text-anchor="${anchor}" font-size="11" fill="${inks.muted}">${escaped(words)}</text>`;
  return [
    ...ticks.x.map(
      ({ at, text: words }) =>
        line(at, area.top, at, bottom + 5) + text(at, bottom + 18, "middle", words),
    ),
    text((area.left + right) / 2, bottom + 34, "middle", picture.x.unit),
    ...(picture.left ? ticks.left : []).map(
      ({ at, text: words }) =>
        line(area.left - 5, at, right, at) + text(area.left - 9, at + 4, "end", words),
    ),
    ...(picture.right ? ticks.right : []).map(
      ({ at, text: words }) =>
        line(right, at, right + 5, at) + text(right + 9, at + 4, "start", words),
    ),
  ].join("\n");
}

function path(curve: Curve, { area, picture, inks }: PlotSheet): string {
  const axis = picture[curve.side];
  if (!axis) return "";
  const map = mappingOf(picture.x, axis, area.width, area.height);
  const parts: string[] = [];
  const put = (letter: string) => (x: number, y: number) =>
    parts.push(`${letter}${near(x + area.left)} ${near(y + area.top)}`);
  if (curve.style === "dots") {
    for (let at = 0; at < curve.size; at++) {
      if (Number.isNaN(curve.low[at])) continue;
      put("M")(
        curve.x(at) * map.xScale + map.xShift,
        (curve.low[at] as number) * map.yScale + map.yShift,
      );
      parts.push("h0");
    }
  } else {
    const [first, end] = pointsBetween(curve, picture.x.min, picture.x.max);
    traceLine(curve, map, { move: put("M"), line: put("L") }, first, end);
  }
  const round = curve.style === "dots" ? ' stroke-width="3" stroke-linecap="round"' : "";
  return `<path d="${parts.join("")}"${round}${ink(inks.series[curve.colour - 1], curve.dash)}/>`;
}

function ink(colour: Rgb | undefined, dash: number): string {
  const dashes = DASHES[dash % DASHES.length] ?? [];
  return ` stroke="rgb(${(colour ?? [0, 0, 0]).join(",")})"${dashes.length > 0 ? ` stroke-dasharray="${dashes.join(" ")}"` : ""}`;
}

const near = (value: number) => Math.round(value * 100) / 100;

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as XML has it; what XML has no place for is left out. */
export function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no XML may have
  const plain = text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Surrogate}]/gu, "");
  return plain.replaceAll(/[&<>"']/g, (letter: string) => ENTITIES[letter] ?? "");
}
