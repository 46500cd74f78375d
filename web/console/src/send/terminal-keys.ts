// The keys that a phone's keyboard lacks, as the bytes that a terminal sends for them.

/** A key of the key bar: what stands on it, what a screen reader says, what it types. */
export interface TerminalKey {
  cap: string;
  name: string;
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
  { cap: "|", name: "Pipe", data: "|" },
  { cap: "/", name: "Slash", data: "/" },
  { cap: "-", name: "Dash", data: "-" },
  { cap: "~", name: "Tilde", data: "~" },
];

const ARROWS = TERMINAL_KEYS.filter(({ data }) => data.startsWith("\u001b["));

/** What a key types while Ctrl is held: a control character, or an arrow with its modifier. */
export function withControl(data: string): string {
  const arrow = ARROWS.some((key) => key.data === data) && data.at(-1);
  if (arrow) return `\u001b[1;5${arrow}`;
  const key = data.toUpperCase();
  if (/^[@-_]$/.test(key)) return String.fromCharCode(key.charCodeAt(0) & 0x1f);
  if (data === " ") return "\u0000";
  if (data === "/" || data === "-") return "\u001f";
  return data;
}
