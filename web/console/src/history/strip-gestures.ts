// StripGestures: what fingers, mouse and wheel do on a strip of time: jump, select, pan, pinch.

/** What a strip is told; places are shares of its width. */
export interface StripEvents {
  /** Somebody points at a place; `done` when the finger is lifted there. */
  onjump(share: number, done: boolean): void;
  /** Somebody drags over a stretch with Shift held. */
  onselect(from: number, to: number): void;
  /** Shows `factor` times as much, the place staying where it is. */
  onzoom(factor: number, share: number): void;
  onpan(share: number): void;
  /** The pointer is at a place, or nowhere. */
  onhover(share: number | null): void;
}

// A wheel's notch of 100 px zooms by a quarter.
const WHEEL = 0.0022;
// A line of a wheel that counts lines.
const LINE = 16;

/** Listens on an element; the answer stops that. */
export function stripGestures(element: HTMLElement, events: StripEvents): () => void {
  const fingers = new Map<number, number>();
  let selectFrom: number | null = null;
  let pinched = false;

  const shareOf = ({ clientX }: { clientX: number }): number => {
    const { left, width } = element.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / Math.max(1, width)));
  };

  const pinch = (id: number, at: number): void => {
    const [a, b] = [...fingers.values()] as [number, number];
    fingers.set(id, at);
    const [c, d] = [...fingers.values()] as [number, number];
    const [before, after] = [Math.abs(a - b), Math.abs(c - d)];
    if (before > 0.01 && after > 0.01) events.onzoom(before / after, (c + d) / 2);
    events.onpan((a + b - c - d) / 2);
  };

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const at = shareOf(event);
    fingers.set(event.pointerId, at);
    pinched = fingers.size > 1;
    selectFrom = event.shiftKey ? at : null;
    if (selectFrom === null && !pinched) events.onjump(at, false);
  };

  const move = (event: PointerEvent): void => {
    const at = shareOf(event);
    if (event.pointerType === "mouse") events.onhover(at);
    if (!fingers.has(event.pointerId)) return;
    if (fingers.size === 2) return pinch(event.pointerId, at);
    fingers.set(event.pointerId, at);
    if (pinched) return;
    if (selectFrom !== null) events.onselect(Math.min(selectFrom, at), Math.max(selectFrom, at));
    else events.onjump(at, false);
  };

  const up = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    if (selectFrom === null && !pinched) events.onjump(shareOf(event), true);
    if (fingers.size === 0) selectFrom = null;
  };

  const cancel = (event: PointerEvent): void => {
    fingers.delete(event.pointerId);
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      events.onpan((sideways * unit) / Math.max(1, element.clientWidth));
    } else {
      events.onzoom(Math.exp(event.deltaY * unit * WHEEL), shareOf(event));
    }
  };

  const away = () => events.onhover(null);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  element.addEventListener("pointerdown", down, options);
  element.addEventListener("pointermove", move, options);
  element.addEventListener("pointerup", up, options);
  element.addEventListener("pointercancel", cancel, options);
  element.addEventListener("pointerleave", away, options);
  element.addEventListener("wheel", wheel, { ...options, passive: false });
  return () => stop.abort();
}
