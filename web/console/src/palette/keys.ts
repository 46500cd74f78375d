// Keyboard shortcuts: how they are written, and whether a key press is one.

const CODES: Record<string, string> = {
  "↑": "ArrowUp",
  "↓": "ArrowDown",
};

/** The part of a key press that a shortcut looks at. */
export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"
>;

/** Whether a press is the shortcut written as "Ctrl+Shift+P"; on a Mac, Command counts as Ctrl. */
export function isShortcut(press: KeyPress, written: string): boolean {
  const parts = written.split("+");
  const key = parts.pop() ?? "";
  const wants = (modifier: string) => parts.includes(modifier);
  // Shift makes "?" what it is; it is not asked for beside a sign.
  const sign = /^[^\w↑↓]$/.test(key);
  return (
    (press.ctrlKey || press.metaKey) === wants("Ctrl") &&
    press.altKey === wants("Alt") &&
    (sign || press.shiftKey === wants("Shift")) &&
    isKey(press, key)
  );
}

function isKey(press: KeyPress, key: string): boolean {
  if (CODES[key]) return press.key === CODES[key];
  if (press.key.toLowerCase() === key.toLowerCase()) return true;
  // With Alt or Shift held, a layout may put another character on the key.
  return (
    press.code === (/^\d$/.test(key) ? `Digit${key}` : `Key${key}`) &&
    (press.altKey || press.shiftKey)
  );
}

/** The modifiers and the key of a shortcut, for drawing. */
export function keycaps(written: string, mac: boolean): string[] {
  const names: Record<string, string> = mac ? { Ctrl: "⌘", Shift: "⇧", Alt: "⌥" } : {};
  return written.split("+").map((part) => names[part] ?? part);
}
