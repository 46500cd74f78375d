// The keys that a phone's keyboard lacks, as the bytes that a terminal sends for them.

/** A key of the key bar: what stands on it, what a screen reader says, what it types. */
export interface TerminalKey {
  cap: string;
  name: string;
  /** For a cursor key, what it types in a terminal's normal mode. */
  data: string;
}

export const TERMINAL_KEYS: readonly TerminalKey[] = [
  { cap: "esc", name: "Escape", data: "\u001b" },
  { cap: "tab", name: "Tab", data: "\t" },
  { cap: "←", name: "Left", data: "\u001b[D" },
  { cap: "↑", name: "Up", data: "\u001b[A" },
  { cap: "↓", name: "Down", data: "\u001b[B" },
  { cap: "→", name: "Right", data: "\u001b[C" },
  { cap: "⏎", name: "Enter", data: "\r" },
  { cap: "home", name: "Home", data: "\u001b[H" },
  { cap: "end", name: "End", data: "\u001b[F" },
  { cap: "|", name: "Pipe", data: "|" },
  { cap: "/", name: "Slash", data: "/" },
  { cap: "-", name: "Dash", data: "-" },
  { cap: "~", name: "Tilde", data: "~" },
];

// Arrows, Home and End, in either cursor mode of a terminal (DECCKM).
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys begin with ESC
const CURSOR_KEY = /^\x1b[[O]([A-DFH])$/;

/** What a key types in a terminal whose device has asked for application cursor keys, or has not. */
export function inCursorMode(data: string, application: boolean): string {
  return data.replace(CURSOR_KEY, application ? "\u001bO$1" : "\u001b[$1");
}

/** What a key types while Ctrl is held: a control character, or a cursor key with its modifier. */
export function withControl(data: string): string {
  if (CURSOR_KEY.test(data)) return data.replace(CURSOR_KEY, "\u001b[1;5$1");
  const key = data.toUpperCase();
  if (/^[@-_]$/.test(key)) return String.fromCharCode(key.charCodeAt(0) & 0x1f);
  if (data === " ") return "\u0000";
  if (data === "/" || data === "-") return "\u001f";
  return data;
}
