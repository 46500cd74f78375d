// Dial: the geometry of a gauge: an arc of 240 degrees, open below.

const CENTRE = 50;
const START = 150;
const SWEEP = 240;

/** How far a value lies between two ends, 0 to 1. */
export function share(value: number, min: number, max: number): number {
  if (!(max > min)) return 0;
  return Math.max(0, Math.min(1, (value - min) / (max - min)));
}

function point(part: number, radius: number): string {
  const angle = ((START + part * SWEEP) * Math.PI) / 180;
  return `${(CENTRE + radius * Math.cos(angle)).toFixed(2)} ${(CENTRE + radius * Math.sin(angle)).toFixed(2)}`;
}

/** The path of an arc between two shares; empty where there is none. */
export function arc(from: number, to: number, radius: number): string {
  if (!(to > from)) return "";
  const large = (to - from) * SWEEP > 180 ? 1 : 0;
  return `M ${point(from, radius)} A ${radius} ${radius} 0 ${large} 1 ${point(to, radius)}`;
}
