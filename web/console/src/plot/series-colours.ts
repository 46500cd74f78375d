// Colours that series have by themselves: one of the first by their name, or the next that is free. So two browsers agree, in
// whatever order series came to them, and one that comes later hardly ever changes another.
import { COLOURS } from "./plot-spec.ts";

export interface SeriesColour {
  /** 1 to 8. */
  colour: number;
  /** Above 0 where a colour is used again. */
  dash: number;
}

/** The colours that are easiest to tell apart: a name has one of these, as long as there are few. */
const CLEAREST = 4;

/** The colour of each name; the order of the names decides who has it that two want. */
export function seriesColours(names: readonly string[]): SeriesColour[] {
  const uses = new Array<number>(COLOURS).fill(0);
  return names.map((name, place) => {
    const dash = Math.floor(place / COLOURS);
    let at = (hash(name) >>> 16) % CLEAREST;
    while ((uses[at] as number) > dash) at = (at + 1) % COLOURS;
    uses[at] = dash + 1;
    return { colour: at + 1, dash };
  });
}

/** FNV-1a over the name's code units. */
function hash(name: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < name.length; at++)
    sum = Math.imul(sum ^ name.charCodeAt(at), 0x01000193) >>> 0;
  return sum;
}
