// Printed: what a program printed, as a terminal shows it: lines that carriage returns, backspaces and erasing write over.

/** No more lines than these are kept, and no more of a line. */
const MOST_LINES = 500;
const MOST_COLUMNS = 1000;
const MOST_SEQUENCE = 256;
const TAB = 8;

// A whole escape sequence; one that has not come whole; other characters in a row; a control character.
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what programs print
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])|(\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)$)|([^\x00-\x1f\x7f]+)|[\x00-\x1f\x7f]/g;

export class Printed {
  readonly #lines: string[] = [];
  // The line that is written, by its characters.
  #line: string[] = [];
  #column = 0;
  #unfinished = "";

  /** The lines, with the one that is written last. */
  get lines(): string[] {
    return [...this.#lines, this.#line.join("")];
  }

  /** Takes more of the output, cut anywhere. */
  take(text: string): void {
    const all = this.#unfinished + text;
    this.#unfinished = "";
    for (const [token, parameters, final, unfinished, words] of all.matchAll(TOKEN)) {
      if (words !== undefined) this.#write(words);
      else if (unfinished !== undefined)
        this.#unfinished = unfinished.length <= MOST_SEQUENCE ? unfinished : "";
      else if (final === "K") this.#erase(parameters ?? "");
      else this.#control(token);
    }
  }

  #write(words: string): void {
    for (const character of words) {
      if (this.#column >= MOST_COLUMNS) return;
      while (this.#line.length < this.#column) this.#line.push(" ");
      this.#line[this.#column++] = character;
    }
  }

  #control(token: string): void {
    if (token === "\n") this.#end();
    else if (token === "\r") this.#column = 0;
    else if (token === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (token === "\t") this.#column = (Math.floor(this.#column / TAB) + 1) * TAB;
  }

  #end(): void {
    this.#lines.push(this.#line.join(""));
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
    this.#line = [];
    this.#column = 0;
  }

  #erase(parameters: string): void {
    if (parameters === "" || parameters === "0")
      this.#line.length = Math.min(this.#line.length, this.#column);
    else if (parameters === "2") this.#line = [];
    else if (parameters === "1") this.#line.fill(" ", 0, this.#column + 1);
  }
}

/** How far a program is by its own words, in percent: the last that it told. */
export function percentIn(lines: readonly string[]): number | null {
  for (const line of lines.slice(-4).reverse()) {
    const told = [...line.matchAll(/(?<![\d.,])(\d{1,3}(?:[.,]\d+)?) ?%/g)].at(-1)?.[1];
    const percent = Number(told?.replace(",", "."));
    if (told !== undefined && percent <= 100) return percent;
  }
  return null;
}
