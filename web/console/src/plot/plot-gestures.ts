// PlotGestures: what mouse, fingers and wheel do on a plot: point, choose a stretch, move, zoom, go somewhere.

/** A place in a plot's area, in pixels of the page. */
export interface Place {
  x: number;
  y: number;
}

/** What a plot is told; shares are of the area's width, 0 on the left. */
export interface PlotEvents {
  onhover(place: Place | null): void;
  onclick(place: Place, isFinger: boolean): void;
  /** A second click at the same place. */
  ondouble(): void;
  /** A stretch is being chosen; `done` when it is. Null: it is not to be. */
  onselect(stretch: { from: number; to: number } | null, done: boolean): void;
  /** Shows `factor` times as much, the place staying where it is. */
  onzoom(factor: number, share: number): void;
  /** Moves what is shown by a share of it. */
  onpan(share: number): void;
}

export interface GestureOptions {
  /** The wheel zooms only with Ctrl held, and a finger scrolls the page up and down. */
  embedded: boolean;
  /** Where the area is, in pixels of the page from the element's corner. */
  area: () => { left: number; top: number; width: number };
}

// A wheel's notch of 100 px zooms by a quarter.
const WHEEL = 0.0022;
const LINE = 16;
// Less than this is no drag.
const STEADY = 4;

/** Listens on an element; the answer stops that. */
export function plotGestures(
  element: HTMLElement,
  events: PlotEvents,
  { embedded, area }: GestureOptions,
): () => void {
  const fingers = new Map<number, Place>();
  let begin: (Place & { pans: boolean }) | null = null;
  let dragged = false;

  const placeOf = ({ clientX, clientY }: MouseEvent): Place => {
    const { left, top } = element.getBoundingClientRect();
    const inner = area();
    return { x: clientX - left - inner.left, y: clientY - top - inner.top };
  };
  const shareOf = (x: number) => Math.min(1, Math.max(0, x / Math.max(1, area().width)));
  const shareBy = (x: number) => x / Math.max(1, area().width);

  const pinch = (id: number, at: Place): void => {
    const [a, b] = [...fingers.values()] as [Place, Place];
    fingers.set(id, at);
    const [c, d] = [...fingers.values()] as [Place, Place];
    const [before, after] = [Math.abs(a.x - b.x), Math.abs(c.x - d.x)];
    if (before > 8 && after > 8) events.onzoom(before / after, shareOf((c.x + d.x) / 2));
    events.onpan(shareBy((a.x + b.x - c.x - d.x) / 2));
  };

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const at = placeOf(event);
    fingers.set(event.pointerId, at);
    if (fingers.size > 1) {
      if (begin && !begin.pans) events.onselect(null, true);
      begin = null;
      return;
    }
    begin = { ...at, pans: event.shiftKey || event.pointerType === "touch" };
    dragged = false;
  };

  const move = (event: PointerEvent): void => {
    const at = placeOf(event);
    if (event.pointerType !== "touch") events.onhover(at);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (fingers.size === 2) return pinch(event.pointerId, at);
    fingers.set(event.pointerId, at);
    if (!begin) return;
    dragged ||= Math.abs(at.x - begin.x) > STEADY;
    if (!dragged) return;
    if (begin.pans) events.onpan(shareBy(before.x - at.x));
    else events.onselect(stretch(begin.x, at.x), false);
  };

  const stretch = (a: number, b: number) => ({
    from: shareOf(Math.min(a, b)),
    to: shareOf(Math.max(a, b)),
  });

  const up = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || !begin || fingers.size > 0) return;
    const at = placeOf(event);
    if (!dragged) events.onclick(at, event.pointerType === "touch");
    else if (!begin.pans) events.onselect(stretch(begin.x, at.x), true);
    begin = null;
  };

  const cancel = (event: PointerEvent): void => {
    fingers.delete(event.pointerId);
    if (begin && dragged && !begin.pans) events.onselect(null, true);
    begin = null;
  };

  const wheel = (event: WheelEvent): void => {
    if (embedded && !event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY))
      events.onpan(shareBy(sideways * unit));
    else events.onzoom(Math.exp(event.deltaY * unit * WHEEL), shareOf(placeOf(event).x));
  };

  const stop = new AbortController();
  const options = { signal: stop.signal };
  element.addEventListener("pointerdown", down, options);
  element.addEventListener("pointermove", move, options);
  element.addEventListener("pointerup", up, options);
  element.addEventListener("pointercancel", cancel, options);
  element.addEventListener("pointerleave", () => events.onhover(null), options);
  element.addEventListener("dblclick", () => events.ondouble(), options);
  element.addEventListener("wheel", wheel, { ...options, passive: false });
  return () => stop.abort();
}
