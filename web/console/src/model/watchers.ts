// Watchers: who watches a port: each person once, with all of their pages and programs.
import type { Viewer } from "seriald";

/** All that watch under one name. */
export interface Watcher {
  name: string;
  /** At least one. */
  viewers: readonly Viewer[];
}

/** Who watches, in the order in which they came. */
export function watchersOf(viewers: readonly Viewer[]): Watcher[] {
  const byName = new Map<string, Viewer[]>();
  for (const viewer of viewers) {
    const known = byName.get(viewer.name);
    if (known) known.push(viewer);
    else byName.set(viewer.name, [viewer]);
  }
  return [...byName].map(([name, viewers]) => ({ name, viewers }));
}

/** From where they watch, and by which door where that is not the console's: "192.168.1.7, 192.168.1.9 by tcp". */
export function placesOf(viewers: readonly Viewer[]): string {
  const places = viewers.map(({ from, door }) => (door === "web" ? from : `${from} by ${door}`));
  return [...new Set(places)].join(", ");
}
