// PlotKeys: what the keyboard does in a plot: from value to value, in and out, to and fro.
import { nextTime } from "./cursor.ts";
import type { PlotModel } from "./plot-model.svelte.ts";

const ZOOM = 1.6;
const PAN = 0.2;
const FAR = 10;

type Press = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** Does what a key says; false where it says nothing here. `go` goes to the line of an offset. */
export function pressKey(model: PlotModel, press: Press, go: (offset: number) => void): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey) return false;
  const { key, shiftKey } = press;
  const pan = (share: number) =>
    model.move((time) => time.pan(share * (time.span.to - time.span.from)));
  const zoom = (factor: number) =>
    model.move((time) => time.zoom(factor, model.pointed ?? undefined));
  if (key === "ArrowLeft" || key === "ArrowRight") step(model, key === "ArrowRight", shiftKey);
  else if (key === "PageUp") pan(-PAN);
  else if (key === "PageDown") pan(PAN);
  else if (key === "End") model.move((time) => time.follow());
  else if (key === "+" || key === "=") zoom(1 / ZOOM);
  else if (key === "-") zoom(ZOOM);
  else if (key === " ") model.toggleHold();
  else if (key === "a" || key === "b") model.mark(key);
  else if (key === "Escape") model.unmark();
  else if (key === "Enter") goToLine(model, go);
  else return false;
  return true;
}

function step(model: PlotModel, forward: boolean, far: boolean): void {
  const { grid, time } = model;
  const { from, to } = time.span;
  let at = model.pointed ?? (forward ? from : to);
  for (let count = far ? FAR : 1; count > 0; count--)
    at = (grid && nextTime(grid, model.visible, at, forward)) ?? at;
  model.pointed = at;
  if (at < from || at > to) model.move((view) => view.reveal(at));
}

function goToLine({ grid, pointed, visible }: PlotModel, go: (offset: number) => void): void {
  if (!grid || pointed === null) return;
  const at = grid.indexOf(pointed);
  const offsets = visible.map(({ number }) => grid.columns[number]?.highAt[at] ?? Number.NaN);
  const offset = offsets.find((each) => !Number.isNaN(each));
  if (offset !== undefined) go(offset);
}
