// VirtualList: which rows of a long list are in view and which are chosen, moved by scroll bar, keys and pointer.
import { tick } from "svelte";
import { movedBy, RowSelection } from "./row-selection.ts";
import { RowWindow } from "./row-window.ts";

/** How many rows there are, and how large they and the view are. */
export interface Extent {
  first: number;
  next: number;
  /** The last row is the newest there is. */
  isLive: boolean;
  rowHeight: number;
  viewport: number;
}

/** The part of a key press that a list looks at. */
export type Press = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">;

export class VirtualList {
  /** What is scrolled; null before it is there and when it has gone: a scroll event and a draw may still come then. */
  scroller: HTMLElement | null = null;
  #rows = new RowWindow();
  #chosen = new RowSelection();
  #onmove: (following: boolean, top: number) => void;
  #onjump: (end: "first" | "last") => boolean;
  #placed = 0;
  #begun = false;

  /** The rows to draw, and by how many px the first is moved up. */
  drawn = $state.raw(this.#rows.drawn);
  /** Height of what is scrolled, in px. */
  height = $state(0);
  /** The chosen rows, both ends among them; null where none is. */
  selected = $state.raw(this.#chosen.range);

  /**
   * `onmove` is told of every move: whether the list follows its end, and the row at its top. `onjump` is asked first
   * when somebody wants to the very first or last row; true: it goes there itself.
   */
  constructor(
    onmove: (following: boolean, top: number) => void,
    onjump: (end: "first" | "last") => boolean = () => false,
  ) {
    this.#onmove = onmove;
    this.#onjump = onjump;
  }

  /** Whether the list sticks to its end. */
  get following(): boolean {
    return this.#rows.following;
  }

  /** Takes another extent. The first one that can be seen puts the row `start` at the top; null follows the end. */
  resize({ first, next, isLive, rowHeight, viewport }: Extent, start: number | null): void {
    const rows = this.#rows;
    rows.isLive = isLive;
    rows.rowHeight = rowHeight;
    rows.viewport = viewport;
    rows.setRows(first, next);
    if (!this.#begun && viewport > 0) {
      this.#begun = true;
      if (start !== null) rows.showAtTop(start);
    }
    this.#draw();
  }

  /** The scroller was scrolled, by a person or by this list. */
  scrolled(): void {
    if (!this.scroller) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (Math.abs(scrollTop - this.#placed) < 1) return;
    this.#placed = scrollTop;
    // A view that became taller at its end was moved by the browser: nobody wants to leave the end.
    if (this.following && scrollTop + clientHeight >= scrollHeight - 1) return;
    this.#rows.scrolledTo(this.#placed);
    this.#moved();
  }

  /** Moves or chooses by a key; answers whether it was one of the list's. */
  press({ key, altKey, ctrlKey, metaKey, shiftKey }: Press): boolean {
    if (altKey) return false;
    const control = ctrlKey || metaKey;
    const { first, next, fits } = this.#rows;
    if (control && key === "a" && next > first) {
      this.choose(first, false);
      this.choose(next - 1, true);
      return true;
    }
    if (key === "Escape" && this.selected) {
      this.unselect();
      return true;
    }
    const step = control ? null : movedBy(key, fits);
    if (key === "End" && this.#onjump("last")) return true;
    if (key === "Home" && this.#onjump("first")) return true;
    if (key === "End") this.#rows.follow();
    else if (key === "Home") this.#rows.showAtTop(first);
    else if (step === null) return false;
    else if (Math.abs(step) === 1) this.#stepTo(step, shiftKey);
    else this.#rows.scrollBy(step);
    this.#moved();
    return true;
  }

  /** The row that is so many px below the list's top edge. */
  rowAt(y: number): number {
    return this.#within(Math.floor(this.#rows.top + y / this.#rows.rowHeight));
  }

  /** Chooses a row, or all rows from where the choice began. */
  choose(row: number, extend: boolean): void {
    if (extend) this.#chosen.extend(row);
    else this.#chosen.begin(row);
    this.selected = this.#chosen.range;
  }

  /** Lets the choice of rows go. */
  unselect(): void {
    this.#chosen.clear();
    this.selected = null;
  }

  /** Goes to the end and stays there. */
  follow(): void {
    this.#rows.follow();
    this.#moved();
  }

  /** Stays where it is while rows come. */
  hold(): void {
    this.#rows.hold();
    this.#moved();
  }

  /** Brings a row into view and chooses it. */
  reveal(row: number): void {
    this.#rows.reveal(row);
    this.choose(row, false);
    this.#moved();
  }

  /** Puts a row at the top. */
  showAtTop(row: number): void {
    this.#rows.showAtTop(row);
    this.#moved();
  }

  #stepTo(step: number, extend: boolean): void {
    const start = step > 0 ? Math.ceil(this.#rows.top) - 1 : this.drawn.to;
    const to = this.#within((this.selected?.cursor ?? start) + step);
    this.choose(to, extend && this.selected !== null);
    this.#rows.nudge(to);
  }

  #within(row: number): number {
    return Math.min(this.#rows.next - 1, Math.max(this.#rows.first, row));
  }

  #moved(): void {
    this.#draw();
    this.#onmove(this.#rows.following, Math.floor(this.#rows.top));
  }

  #draw(): void {
    this.drawn = this.#rows.drawn;
    this.height = this.#rows.height;
    // The scroll bar can stand there only when the space has its height.
    void tick().then(() => this.#place());
  }

  #place(): void {
    const { scroller } = this;
    if (!scroller) return;
    const wanted = this.#rows.scrollTop;
    if (Math.abs(scroller.scrollTop - wanted) > 1) scroller.scrollTop = wanted;
    this.#placed = scroller.scrollTop;
  }
}
