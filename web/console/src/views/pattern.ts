// Pattern: what is searched for, and where a text has it.

/** A pattern as it travels to the worker. A literal one cannot take long; an expression can. */
export interface Pattern {
  source: string;
  flags: string;
  literal: boolean;
}

/** What was typed into a search field. */
export interface Query {
  text: string;
  matchCase: boolean;
}

export const EMPTY: Query = { text: "", matchCase: false };

/** Rows whose text is to be tested: all bytes, and where each row's end. */
export interface TestJob {
  kind: "test";
  pattern: Pattern;
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** Texts in which the places are to be found. */
export interface RangesJob {
  kind: "ranges";
  pattern: Pattern;
  texts: string[];
}

const MOST_RANGES = 200;

/** Whether a query is an expression between slashes, with its flags behind. */
export function isExpression(text: string): boolean {
  return /^\/.+\/[imsu]*$/s.test(text);
}

/** Reads a query; null where there is nothing to look for, a sentence where the expression is wrong. */
export function readQuery({ text, matchCase }: Query): Pattern | string | null {
  if (text === "") return null;
  if (!isExpression(text)) {
    const source = text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    return { source, flags: matchCase ? "" : "i", literal: true };
  }
  const close = text.lastIndexOf("/");
  const pattern = { source: text.slice(1, close), flags: text.slice(close + 1), literal: false };
  try {
    compile(pattern);
    return pattern;
  } catch (error) {
    // "Invalid regular expression: /(a/g: Unterminated group": the last part is the news.
    return String(error).replace(/^.*: /s, "");
  }
}

/** The expression that finds every place of a pattern. */
export function compile({ source, flags }: Pattern): RegExp {
  return new RegExp(source, `g${flags}`);
}

/** Where a text has the pattern: from, to, from, to... Empty matches have no place. */
export function rangesIn(expression: RegExp, text: string): number[] {
  const ranges: number[] = [];
  expression.lastIndex = 0;
  while (ranges.length < 2 * MOST_RANGES) {
    const match = expression.exec(text);
    if (!match) break;
    if (match[0] === "") expression.lastIndex++;
    else ranges.push(match.index, match.index + match[0].length);
  }
  return ranges;
}
