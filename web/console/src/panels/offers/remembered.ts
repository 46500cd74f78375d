// Remembered: the panels of devices that somebody has looked at or turned down in this browser, by what they say.
import { keep, recall } from "../../model/kept.ts";

const KEY = "seriald.offers";
const MOST = 200;

/** A short name for what a panel says: FNV-1a, twice 32 bits. It need not stand against anybody: it only spares a question. */
export function nameOf(line: string): string {
  let [one, other] = [0x811c9dc5, 0x050c5d1f];
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x85ebca6b);
  }
  return (one >>> 0).toString(36) + (other >>> 0).toString(36);
}

function names(): string[] {
  try {
    const stored: unknown = JSON.parse(recall(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** Whether it was dealt with before. */
export function isRemembered(name: string): boolean {
  return names().includes(name);
}

/** Remembers that it was dealt with. */
export function remember(name: string): void {
  const rest = names().filter((other) => other !== name);
  keep(KEY, [...rest, name].slice(-MOST));
}
