// LinePicture: what is drawn of one row of the lines view, made when it comes into view.

import type { Note } from "seriald";
import { sentenceOf } from "./entries.ts";
import type { LineIndex, Row } from "./lines.ts";
import { type PortLog, RX, TX } from "./log.ts";
import { css, type Look, runsOf } from "./looks.ts";
import { searchedBytes } from "./row-scan.ts";
import { decode, type Glyphs, glyphsOf, withoutEscapes } from "./text.ts";
import { type Tint, type Tints, tintOf } from "./tints.ts";

/** A piece of a row that looks the same all through. */
export interface Piece {
  kind: Glyphs["kind"];
  shown: string;
  raw: string;
  style: string;
  marked: boolean;
}

export interface LinePicture {
  number: number;
  kind: number;
  end: number;
  time: number;
  /** Who typed it, or who a Note names. */
  by: string;
  /** A Note's kind, for its colour. */
  what: string;
  /** The colour that a trigger gave it. */
  tint: Tint | null;
  continues: boolean;
  pieces: Piece[];
}

/** The picture of a row that is not kept any more. */
export const NOTHING: LinePicture = {
  number: 0,
  kind: RX,
  end: 0,
  time: 0,
  by: "",
  what: "",
  tint: null,
  continues: false,
  pieces: [],
};

/** Makes the picture of a row; `ranges` are the places to mark, from, to, from, to. */
export function pictureOf(
  log: PortLog,
  index: LineIndex,
  number: number,
  ranges: readonly number[],
  tints: Pick<Tints, "between">,
): LinePicture {
  const row = index.row(number);
  const entry = log.entry(row.entry);
  return {
    number,
    kind: row.kind,
    end: row.end,
    time: entry.time,
    by: row.kind === TX ? entry.author : authorOf(entry.note),
    what: entry.note?.what ?? "",
    tint: row.kind === RX ? tints.between(row.offset, row.end) : tintOf(entry.note),
    continues: row.continues,
    pieces: piecesOf(rowText(log, index, row), ranges, index.look(number)),
  };
}

/** Who did what a Note tells; nobody, where its sentence says it. */
function authorOf(note: Note | undefined): string {
  return note?.what === "said" ? "" : (note?.by ?? "");
}

/** The text of a row as it came, with its escape sequences. */
export function rowText(log: PortLog, index: LineIndex, row: Row): string {
  if (row.kind === RX || row.kind === TX) return decode(index.rowBytes(row));
  return sentenceOf(log.entry(row.entry));
}

/** The text of a row in which patterns look for places. */
export function searchedText(log: PortLog, index: LineIndex, number: number): string {
  return withoutEscapes(decode(searchedBytes(log, index, index.row(number))));
}

/** Takes a text apart for drawing; it begins with a look. */
export function piecesOf(text: string, ranges: readonly number[], begin?: Look): Piece[] {
  const pieces: Piece[] = [];
  for (const run of runsOf(text, begin)) {
    const style = styleOf(run.look);
    for (const glyphs of glyphsOf(run.text, run.at)) {
      for (const [from, to, marked] of cutAt(ranges, glyphs.at, glyphs.at + glyphs.raw.length)) {
        const isWhole = to - from === glyphs.raw.length;
        const cut = (whole: string) =>
          isWhole ? whole : whole.slice(from - glyphs.at, to - glyphs.at);
        pieces.push({
          kind: glyphs.kind,
          shown: cut(glyphs.shown),
          raw: cut(glyphs.raw),
          style,
          marked,
        });
      }
    }
  }
  return pieces;
}

function* cutAt(
  ranges: readonly number[],
  from: number,
  to: number,
): Generator<[from: number, to: number, marked: boolean]> {
  let at = from;
  for (let i = 0; i < ranges.length && at < to; i += 2) {
    const begin = Math.max(at, ranges[i] as number);
    const end = Math.min(to, ranges[i + 1] as number);
    if (end <= begin) continue;
    if (begin > at) yield [at, begin, false];
    yield [begin, end, true];
    at = end;
  }
  if (at < to) yield [at, to, false];
}

function styleOf(look: Look): string {
  const { fg, bg, bold, dim, italic, underline, strike, inverse } = look;
  const front = css(inverse ? (bg ?? null) : fg) ?? (inverse ? "var(--surface)" : null);
  const back = css(inverse ? fg : bg) ?? (inverse ? "currentColor" : null);
  const lines = [underline ? "underline" : "", strike ? "line-through" : ""].join(" ").trim();
  return [
    front && `color:${front}`,
    back && `background-color:${back === "currentColor" ? "var(--text)" : back}`,
    bold && "font-weight:700",
    dim && "opacity:0.65",
    italic && "font-style:italic",
    lines && `text-decoration:${lines}`,
  ]
    .filter(Boolean)
    .join(";");
}
