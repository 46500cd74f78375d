// RowTable: what is known of each row, as numbers in blocks; rows come and go at both ends and keep their numbers.

const ROWS_PER_BLOCK = 8192;

class Block {
  readonly offsets = new Float64Array(ROWS_PER_BLOCK);
  readonly ends = new Float64Array(ROWS_PER_BLOCK);
  readonly entries = new Float64Array(ROWS_PER_BLOCK);
  readonly kinds = new Uint8Array(ROWS_PER_BLOCK);
  readonly looks = new Uint16Array(ROWS_PER_BLOCK);
}

export class RowTable {
  #blocks: Block[] = [];
  // The number of the first block.
  #base = 0;

  /** The block that has a row, and the row's place in it. */
  at(number: number): [Block, number] {
    const index = Math.floor(number / ROWS_PER_BLOCK);
    const block = this.#blocks[index - this.#base];
    if (!block) throw new RangeError(`row ${number} is not kept`);
    return [block, number - index * ROWS_PER_BLOCK];
  }

  /** Makes room for the rows from one number up to another. */
  reserve(first: number, next: number): void {
    const base = Math.floor(first / ROWS_PER_BLOCK);
    if (this.#blocks.length === 0) this.#base = base;
    for (; this.#base > base; this.#base--) this.#blocks.unshift(new Block());
    while ((this.#base + this.#blocks.length) * ROWS_PER_BLOCK < next)
      this.#blocks.push(new Block());
  }

  /** Takes a row over from another table, under a number of its own. */
  copy(from: RowTable, row: number, number: number): void {
    const [source, at] = from.at(row);
    const [block, place] = this.at(number);
    block.kinds[place] = source.kinds[at] as number;
    block.offsets[place] = source.offsets[at] as number;
    block.ends[place] = source.ends[at] as number;
    block.entries[place] = source.entries[at] as number;
    block.looks[place] = source.looks[at] as number;
  }

  /** Gives back the room of rows below a number. */
  forgetBelow(first: number): void {
    while (this.#blocks.length > 1 && (this.#base + 1) * ROWS_PER_BLOCK <= first) {
      this.#blocks.shift();
      this.#base++;
    }
  }
}
