// FoundSeries: the series that a parser has found, in the order in which they were met; each keeps its number.

/** No port has more series; the server counts what is beyond. */
export const MOST_SERIES = 256;
const LONGEST_NAME = 64;
const LONGEST_UNIT = 16;

export interface Found {
  /** Its place in the list. */
  readonly number: number;
  readonly name: string;
  /** Empty where none was told. */
  readonly unit: string;
}

export class FoundSeries {
  #all: Found[] = [];
  #numbers = new Map<string, number>();

  /** A new list whenever something was added. */
  get all(): readonly Found[] {
    return this.#all;
  }

  /** The number of a series by its name, which is added; −1 where there are too many. A unit may come later. */
  add(name: string, unit: string): number {
    const known = this.#numbers.get(name);
    const short = unit.slice(0, LONGEST_UNIT);
    if (known !== undefined) {
      const found = this.#all[known] as Found;
      if (short && short !== found.unit)
        this.#all = this.#all.with(known, { ...found, unit: short });
      return known;
    }
    const number = this.#all.length;
    if (number >= MOST_SERIES || name.length > LONGEST_NAME) return -1;
    this.#numbers.set(name, number);
    this.#all = [...this.#all, { number, name, unit: short }];
    return number;
  }
}
