// The terminal's colours, out of the page's design tokens.
import type { ISearchDecorationOptions } from "@xterm/addon-search";
import type { ITheme } from "@xterm/xterm";

const ANSI = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "brightBlack",
  "brightRed",
  "brightGreen",
  "brightYellow",
  "brightBlue",
  "brightMagenta",
  "brightCyan",
  "brightWhite",
] as const satisfies (keyof ITheme)[];

/** What a token of the theme says, for an element. */
export function tokensOf(element: Element): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

/** The terminal's theme for the tokens that hold now. */
export function themeOf(token: (name: string) => string): ITheme {
  const theme: ITheme = {
    background: token("--surface"),
    foreground: token("--text"),
    cursor: token("--accent"),
    cursorAccent: token("--surface"),
    selectionBackground: `${token("--accent")}4d`,
    scrollbarSliderBackground: `${token("--muted")}40`,
    scrollbarSliderHoverBackground: `${token("--muted")}70`,
    scrollbarSliderActiveBackground: `${token("--muted")}90`,
    overviewRulerBorder: "#00000000",
  };
  ANSI.forEach((name, i) => {
    theme[name] = token(`--ansi-${i}`);
  });
  return theme;
}

/** How found places look. */
export function markedOf(token: (name: string) => string): ISearchDecorationOptions {
  return {
    matchBackground: token("--surface-2"),
    matchBorder: token("--warn"),
    matchOverviewRuler: token("--warn"),
    activeMatchBackground: token("--warn-soft"),
    activeMatchBorder: token("--accent"),
    activeMatchColorOverviewRuler: token("--accent"),
  };
}
