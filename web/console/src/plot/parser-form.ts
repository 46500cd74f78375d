// ParserForm: how values are to be found, as a form has it.
import type { ColumnsParser, Parser, ParserWord } from "seriald";

/** The ways that one can choose. */
export const WAYS = [
  {
    way: "auto",
    text: "By themselves",
    hint: "Teleplot, JSON, labels and columns, whatever a line has",
  },
  { way: "labels", text: "Labels", hint: "temp: 21.5 C, hum=40" },
  { way: "columns", text: "Columns", hint: "21.5,40, with names of your own" },
  { way: "json", text: "JSON", hint: "an object in each line" },
  { way: "teleplot", text: "Teleplot", hint: ">temp:21.5§°C" },
  { way: "regex", text: "Expression", hint: "a regular expression with named groups" },
  {
    way: "custom",
    text: "Table",
    hint: "a parser as JSON, for binary records and what else there is",
  },
] as const;
export type Way = (typeof WAYS)[number]["way"];

export interface ParserFields {
  way: Way;
  pattern: string;
  names: string;
  /** Empty: found out. */
  separator: string;
  json: string;
}

const EXAMPLE = `{"type": "binary",
 "frame": {"type": "fixed", "length": 6, "sync": "aa 55"},
 "fields": [
   {"name": "temp", "type": "i16", "scale": 0.01, "unit": "°C"},
   {"name": "hum", "type": "u16", "scale": 0.1, "unit": "%"}]}`;

const NONE: ParserFields = {
  way: "auto",
  pattern: "T=(?<temp>[-\\d.]+)",
  names: "",
  separator: "",
  json: EXAMPLE,
};

/** The form for a parser. */
export function fieldsOf(parser: Parser): ParserFields {
  const one = typeof parser === "string" ? { type: parser } : parser;
  if (Array.isArray(one)) return { ...NONE, way: "custom", json: JSON.stringify(one, null, 1) };
  if (one.type === "regex" && !one.units) return { ...NONE, way: "regex", pattern: one.pattern };
  if (one.type === "columns") {
    const { names = [], separator = "" } = one as ColumnsParser;
    return { ...NONE, way: "columns", names: names.join(", "), separator };
  }
  if (one.type === "regex" || one.type === "binary")
    return { ...NONE, way: "custom", json: JSON.stringify(one, null, 1) };
  return { ...NONE, way: one.type };
}

/** What a form says: a parser, or why it is none yet. Whether it can be meant is for the server to say. */
export type Said = { parser: Parser; problem: null } | { parser: null; problem: string };

export function parserOf(fields: ParserFields): Said {
  if (fields.way !== "custom") return { parser: simpleParserOf(fields), problem: null };
  try {
    return { parser: JSON.parse(fields.json) as Parser, problem: null };
  } catch (error) {
    return { parser: null, problem: `This is not JSON yet: ${(error as SyntaxError).message}` };
  }
}

function simpleParserOf({ way, pattern, names, separator }: ParserFields): Parser {
  if (way === "regex") return { type: "regex", pattern };
  if (way === "columns") {
    const list = names.split(",").map((name) => name.trim());
    return {
      type: "columns",
      ...(names.trim() === "" ? {} : { names: list }),
      ...(separator === "" ? {} : { separator: separator as "," }),
    };
  }
  return { type: way as ParserWord };
}
