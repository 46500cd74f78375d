// RowWindow: which rows of a long list are in view. All sums of the virtual list, none of its elements.

// Browsers clamp an element's height (Chromium at 33.5 million px, others lower); above this the scroll bar is scaled.
export const MOST_HEIGHT = 8_000_000;

export class RowWindow {
  rowHeight = 20;
  /** Height of the view, in px. */
  viewport = 0;
  /** The row at the top edge; its fraction is how far it is scrolled out. */
  top = 0;
  /** The view sticks to the end. */
  following = true;
  /** The last row is the newest there is; whoever arrives at another one does not stay there. */
  isLive = true;
  #first = 0;
  #next = 0;

  get first(): number {
    return this.#first;
  }

  get next(): number {
    return this.#next;
  }

  /** Rows that fit, with their fraction. */
  get fits(): number {
    return this.viewport / this.rowHeight;
  }

  /** Height of what is scrolled, in px. */
  get height(): number {
    return Math.min((this.#next - this.#first) * this.rowHeight, MOST_HEIGHT);
  }

  /** Where the scroll bar stands for the row at the top. */
  get scrollTop(): number {
    const rows = this.#lastTop - this.#first;
    return rows > 0 ? ((this.top - this.#first) / rows) * this.#range : 0;
  }

  /** The rows to draw, and by how many px the first is moved up. */
  get drawn(): { from: number; to: number; shift: number } {
    const from = Math.floor(this.top);
    const to = Math.min(this.#next, Math.ceil(this.top + this.fits));
    return { from, to, shift: (this.top - from) * this.rowHeight };
  }

  /** There are other rows now; the view keeps its place. */
  setRows(first: number, next: number): void {
    this.#first = first;
    this.#next = next;
    this.settle();
  }

  /** Puts the top where it can be, after any change of size. */
  settle(): void {
    if (this.following) this.top = this.#lastTop;
    else this.#moveTo(this.top);
  }

  /** The scroll bar was moved there by a person. */
  scrolledTo(scrollTop: number): void {
    const delta = scrollTop - this.scrollTop;
    const isScaled = (this.#next - this.#first) * this.rowHeight > MOST_HEIGHT;
    if (
      isScaled &&
      Math.abs(delta) < 2 * this.viewport &&
      scrollTop > 0 &&
      scrollTop < this.#range
    ) {
      this.scrollBy(delta / this.rowHeight);
      return;
    }
    const rows = this.#lastTop - this.#first;
    const part = this.#range > 0 ? scrollTop / this.#range : 1;
    this.scrollBy(this.#first + part * rows - this.top);
  }

  /** Moves by rows. Going up stops the following, arriving at the end begins it. */
  scrollBy(rows: number): void {
    if (rows < 0) this.following = false;
    this.#moveTo(this.top + rows);
    if (rows > 0 && this.isLive && this.top >= this.#lastTop - 0.25) this.follow();
  }

  /** Goes to the end and stays there. */
  follow(): void {
    this.following = true;
    this.top = this.#lastTop;
  }

  /** Puts a row at the top. A view that shows the end by that follows it. */
  showAtTop(row: number): void {
    this.#moveTo(row);
    this.following = this.isLive && this.top >= this.#lastTop;
  }

  /** Stays where it is while rows come. */
  hold(): void {
    this.following = false;
  }

  /** Brings a row into view, in the middle if it was not. */
  reveal(row: number): void {
    if (row >= this.top && row + 1 <= this.top + this.fits) return;
    this.following = false;
    this.#moveTo(row - Math.floor(this.fits / 2));
  }

  /** Brings a row just into view. */
  nudge(row: number): void {
    if (row < this.top) this.scrollBy(row - this.top);
    else if (row + 1 > this.top + this.fits) this.scrollBy(row + 1 - this.fits - this.top);
  }

  get #lastTop(): number {
    return Math.max(this.#first, this.#next - this.fits);
  }

  get #range(): number {
    return Math.max(0, this.height - this.viewport);
  }

  #moveTo(top: number): void {
    this.top = Math.min(Math.max(top, this.#first), this.#lastTop);
  }
}
