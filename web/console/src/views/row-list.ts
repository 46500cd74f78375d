// RowList: numbers of rows in rising order. Places in it stay while rows come and go at its beginning.

export class RowList {
  #rows = new Float64Array(1024);
  #from = 0;
  #to = 0;
  // The place of the first row.
  #begin = 0;

  /** The place of the first row. */
  get first(): number {
    return this.#begin;
  }

  /** The place behind the last row. */
  get next(): number {
    return this.#begin + this.#to - this.#from;
  }

  /** The row at a place. */
  at(place: number): number {
    return this.#rows[this.#from + place - this.#begin] as number;
  }

  /** The place of the row, or of the first one behind it. */
  find(row: number): number {
    let low = this.#from;
    let high = this.#to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return this.#begin + low - this.#from;
  }

  has(row: number): boolean {
    const place = this.find(row);
    return place < this.next && this.at(place) === row;
  }

  /** Puts a row in where it belongs; most come last. */
  add(row: number): void {
    if (this.#to === this.#rows.length) this.#grow(0);
    const isLast = this.#to === this.#from || row > (this.#rows[this.#to - 1] as number);
    if (isLast) {
      this.#rows[this.#to++] = row;
      return;
    }
    const place = this.find(row);
    if (this.at(place) === row) return;
    const at = this.#from + place - this.#begin;
    this.#rows.copyWithin(at + 1, at, this.#to++);
    this.#rows[at] = row;
  }

  /** Puts rows in, in rising order, of which most come before the first. */
  addBefore(rows: readonly number[]): void {
    const first = this.#to > this.#from ? (this.#rows[this.#from] as number) : Number.NaN;
    const known = rows.findIndex((row) => row >= first);
    const count = known < 0 ? rows.length : known;
    if (this.#from < count) this.#grow(count);
    this.#from -= count;
    this.#begin -= count;
    for (let i = 0; i < count; i++) this.#rows[this.#from + i] = rows[i] as number;
    for (const row of rows.slice(count)) this.add(row);
  }

  /** Lets the rows from a number on go. */
  dropFrom(row: number): void {
    this.#to = this.#from + this.find(row) - this.#begin;
  }

  /** Lets the rows below a number go. */
  dropBelow(row: number): void {
    const place = this.find(row);
    this.#from += place - this.#begin;
    this.#begin = place;
  }

  // As many again behind, and where some are to come before, as many before.
  #grow(before: number): void {
    const kept = this.#rows.subarray(this.#from, this.#to);
    const room = Math.max(1024, kept.length);
    const from = before > 0 ? before + room : 0;
    const grown = new Float64Array(from + kept.length + room);
    grown.set(kept, from);
    this.#rows = grown;
    this.#to = from + kept.length;
    this.#from = from;
  }
}
