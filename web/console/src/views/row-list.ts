// RowList: numbers of rows in rising order. Places in it stay while the oldest go.

export class RowList {
  #rows = new Float64Array(1024);
  #from = 0;
  #to = 0;
  #dropped = 0;

  /** The place of the first row. */
  get first(): number {
    return this.#dropped;
  }

  /** The place behind the last row. */
  get next(): number {
    return this.#dropped + this.#to - this.#from;
  }

  /** The row at a place. */
  at(place: number): number {
    return this.#rows[this.#from + place - this.#dropped] as number;
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
    return this.#dropped + low - this.#from;
  }

  has(row: number): boolean {
    const place = this.find(row);
    return place < this.next && this.at(place) === row;
  }

  /** Puts a row in where it belongs; most come last. */
  add(row: number): void {
    if (this.#to === this.#rows.length) this.#grow();
    const last = this.#to > this.#from ? (this.#rows[this.#to - 1] as number) : -1;
    if (row > last) {
      this.#rows[this.#to++] = row;
      return;
    }
    const place = this.find(row);
    if (this.at(place) === row) return;
    const at = this.#from + place - this.#dropped;
    this.#rows.copyWithin(at + 1, at, this.#to++);
    this.#rows[at] = row;
  }

  /** Lets the rows below a number go. */
  dropBelow(row: number): void {
    const place = this.find(row);
    this.#from += place - this.#dropped;
    this.#dropped = place;
  }

  #grow(): void {
    const kept = this.#rows.subarray(this.#from, this.#to);
    const grown = new Float64Array(Math.max(1024, kept.length * 2));
    grown.set(kept);
    this.#rows = grown;
    this.#to = kept.length;
    this.#from = 0;
  }
}
