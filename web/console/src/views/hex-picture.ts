// HexPicture: what is drawn of one row of the hex view.

import { sentenceOf } from "./entries.ts";
import { byteText, characterText, type HexRow, offsetText } from "./hex.ts";
import { GAP, NOTE, type PortLog, RX, TX } from "./log.ts";
import { type Tint, tintOf } from "./tints.ts";

/** A stretch of a row that looks the same. */
export interface HexPart {
  hex: string;
  ascii: string;
  marked: boolean;
}

export interface HexPicture {
  look: "rx" | "tx" | "note" | "gap";
  offset: string;
  time: number;
  /** What a Note or a gap says; empty for bytes. */
  sentence: string;
  /** A Note's kind, for its sign and colour. */
  what: string;
  /** The colour that a trigger gave it. */
  tint: Tint | null;
  /** A sentence that stands where something was found. */
  isFound: boolean;
  parts: HexPart[];
}

/** Offsets to mark: from, and behind. */
export interface Found {
  from: number;
  to: number;
}

const LOOKS = { [RX]: "rx", [TX]: "tx", [NOTE]: "note", [GAP]: "gap" } as const;

const NOTHING: HexPicture = {
  look: "rx",
  offset: "",
  time: 0,
  sentence: "",
  what: "",
  tint: null,
  isFound: false,
  parts: [],
};

/** Characters that so many columns of bytes take. */
export function hexWidth(columns: number): number {
  return columns * 3 + Math.ceil(columns / 8) - 1;
}

/** The most columns for which a row fits into so many characters. */
export function fittingColumns(characters: number): number {
  const needed = (columns: number) => 11 + hexWidth(columns) + 2 + columns;
  return [32, 16].find((columns) => needed(columns) <= characters) ?? 8;
}

/** Makes the picture of a row. */
export function hexPictureOf(log: PortLog, row: HexRow, found: Found | null): HexPicture {
  // A row may go between the frame that chose it and its drawing.
  const number = log.entries.find(row.offset);
  if (number >= log.entries.next) return { ...NOTHING, offset: offsetText(row.offset) };
  const entry = log.entry(number);
  const bytes = row.kind === RX || row.kind === TX ? log.bytes(row.offset, row.end, row.kind) : [];
  return {
    look: LOOKS[row.kind as keyof typeof LOOKS] ?? "rx",
    offset: offsetText(row.offset),
    time: entry.time,
    sentence: sentenceOf({ ...entry, ...row }),
    what: entry.note?.what ?? "",
    tint: tintOf(entry.note),
    isFound: found !== null && found.from >= row.offset && found.from < row.end,
    parts: partsOf([...bytes], row.offset, found),
  };
}

function partsOf(bytes: number[], offset: number, found: Found | null): HexPart[] {
  const parts: HexPart[] = [];
  bytes.forEach((byte, i) => {
    const at = offset + i;
    const marked = found !== null && at >= found.from && at < found.to;
    const last = parts.at(-1);
    const part = last?.marked === marked ? last : { hex: "", ascii: "", marked };
    if (part !== last) parts.push(part);
    // A mark begins and ends with its bytes, not with the space between them and others.
    const spaced = last?.marked === false ? last : part;
    if (last) spaced.hex += i % 8 === 0 ? "  " : " ";
    part.hex += byteText(byte);
    part.ascii += characterText(byte);
  });
  return parts;
}

/** A row as a hex dump writes it. */
export function dumpText(picture: HexPicture, columns: number): string {
  const offset = picture.offset.replaceAll(" ", "");
  if (picture.sentence !== "") return `${offset}  -- ${picture.sentence}`;
  const hex = picture.parts.map((part) => part.hex).join("");
  const ascii = picture.parts.map((part) => part.ascii.replaceAll("·", ".")).join("");
  const sign = picture.look === "tx" ? ">" : " ";
  return `${offset} ${sign}${hex.padEnd(hexWidth(columns))} |${ascii}|`;
}
