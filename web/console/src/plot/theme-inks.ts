// Inks: the colours of the theme, as a canvas needs them.
import { COLOURS } from "./plot-spec.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

export interface Inks {
  text: string;
  muted: string;
  line: string;
  surface: string;
  /** Of the series, by colour − 1. */
  series: Rgb[];
}

/** The colours that hold for an element. */
export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const ink = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: ink("text"),
    muted: ink("muted"),
    line: ink("line"),
    surface: ink("surface"),
    series: Array.from({ length: COLOURS }, (_, at) => rgb(ink(`series-${at + 1}`))),
  };
}

function rgb(hex: string): Rgb {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) || 0;
  return [part(1), part(3), part(5)];
}

/** Calls back when the page takes another theme; the answer stops that. */
export function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
