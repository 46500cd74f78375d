// GridDrag: a widget of the grid in hand: where it was taken hold of, and where it would come to stand.
import type { Widget } from "seriald";
import { type At, COLUMNS, moved } from "../grid.ts";
import { type Pull, pulled, scrollSpeed } from "./drag.ts";
import type { Editor } from "./editor.svelte.ts";

/** The height of a row and the room between fields, in pixels. */
export const ROW = 40;
export const GAP = 10;

interface Held {
  id: string;
  pull: Pull;
  from: At;
  to: At;
  pointer: number;
  /** Where the pointer took hold, in pixels of the grid. */
  x: number;
  y: number;
}

type Point = Pick<PointerEvent, "clientX" | "clientY">;

export class GridDrag {
  readonly #editor: Editor;
  readonly #grid: () => HTMLElement;
  #held: Held | null = $state.raw(null);
  #point: Point = { clientX: 0, clientY: 0 };
  #frame = 0;

  /** `grid` stands in what scrolls it. */
  constructor(editor: Editor, grid: () => HTMLElement) {
    this.#editor = editor;
    this.#grid = grid;
  }

  /** The widgets as they would stand if it were let go now. */
  get widgets(): readonly Widget[] {
    const { widgets } = this.#editor.panel;
    return this.#held ? moved(widgets, this.#held.id, this.#held.to) : widgets;
  }

  /** The id of the widget that is in hand. */
  get id(): string | null {
    return this.#held?.id ?? null;
  }

  /** A pointer went down on a widget. */
  begin(event: PointerEvent, { id, at }: Widget, pull: Pull): void {
    if (event.button !== 0 || this.#held) return;
    // A finger that did not mean this widget before wants to scroll, or to choose it by letting go.
    if (event.pointerType === "touch" && this.#editor.chosen !== id) return;
    this.#editor.choose(id);
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const { x, y } = this.#within(event);
    this.#held = { id, pull, from: at, to: at, pointer: event.pointerId, x, y };
    this.#point = event;
    this.#frame = requestAnimationFrame(this.#scroll);
  }

  goOn = (event: PointerEvent): void => {
    if (event.pointerId !== this.#held?.pointer) return;
    this.#point = event;
    this.#pull();
  };

  end = (event: PointerEvent): void => {
    if (event.pointerId !== this.#held?.pointer) return;
    const { id, from, to } = this.#held;
    this.cancel();
    if (to.join() !== from.join()) this.#editor.move(id, to);
  };

  /** Lets go where it was. */
  cancel = (): void => {
    cancelAnimationFrame(this.#frame);
    this.#held = null;
  };

  #pull(): void {
    if (!this.#held) return;
    const cell = { width: (this.#grid().clientWidth + GAP) / COLUMNS, height: ROW + GAP };
    const { from, pull } = this.#held;
    const { x, y } = this.#within(this.#point);
    const to = pulled(from, pull, x - this.#held.x, y - this.#held.y, cell);
    if (to.join() !== this.#held.to.join()) this.#held = { ...this.#held, to };
  }

  // What is out of sight is reached by going on at the edge.
  #scroll = (): void => {
    this.#frame = requestAnimationFrame(this.#scroll);
    const stage = this.#grid().parentElement as HTMLElement;
    const { top, bottom } = stage.getBoundingClientRect();
    const speed = scrollSpeed(this.#point.clientY, top, bottom);
    if (speed === 0) return;
    stage.scrollTop += speed;
    this.#pull();
  };

  #within({ clientX, clientY }: Point): { x: number; y: number } {
    const { left, top } = this.#grid().getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }
}
