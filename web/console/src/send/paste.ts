// Pasted text: what must be asked about before it reaches a device, and what must never reach it.

const START = "\u001b[200~";
const END = "\u001b[201~";
const BREAK = /\r\n|\r|\n/;

/** What a paste holds, for the question that is asked. */
export interface Paste {
  /** The text without control characters and without a terminal's paste brackets. */
  text: string;
  lines: string[];
  /** Whether the terminal was asked to mark pastes, so that brackets have to go round it again. */
  bracketed: boolean;
}

/** Takes apart what a terminal or a text field got from the clipboard. */
export function readPaste(data: string): Paste {
  const bracketed = data.startsWith(START);
  const closed = bracketed && data.endsWith(END);
  const inside = data.slice(bracketed ? START.length : 0, closed ? -END.length : undefined);
  const text = withoutControls(inside);
  const lines = text.split(BREAK);
  if (lines.at(-1) === "") lines.pop();
  return { text, lines, bracketed };
}

// Nobody means a clipboard's control characters as text, and ESC could end the brackets early.
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => ("\t\r\n".includes(control) ? control : ""));
}

/** Whether data from a terminal is a paste of several lines; one key press never is. */
export function isManyLines(data: string): boolean {
  return readPaste(data).lines.length > 1;
}

/** What goes to the device, marked as a paste again where the device asked for marks. */
export function pasteData(text: string, bracketed: boolean): string {
  return bracketed ? START + text + END : text;
}
