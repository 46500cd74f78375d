// Short messages about what was just asked for; each goes away by itself.
import { untrack } from "svelte";

/** A message for the person; `bad` ones say that something did not happen. */
export interface Toast {
  id: number;
  text: string;
  bad: boolean;
  /** Leads to what it is about. */
  show?: (() => void) | undefined;
}

const SHOWN_MS = 4000;
const BAD_SHOWN_MS = 9000;
const CALL_SHOWN_MS = 20_000;
const MOST = 3;

let next = 0;
const shown: Toast[] = $state([]);

/** The messages now on the page, oldest first. */
export function toasts(): readonly Toast[] {
  return shown;
}

/** Takes a message off the page. */
export function dismiss(id: number): void {
  const at = shown.findIndex((toast) => toast.id === id);
  if (at >= 0) shown.splice(at, 1);
}

/** Says something; the same text twice at once stands once. */
export function say(text: string, bad = false): void {
  put({ text, bad }, bad ? BAD_SHOWN_MS : SHOWN_MS);
}

/** Calls for attention; who touches the message is led to what it is about. */
export function call(text: string, show: () => void): void {
  put({ text, bad: false, show }, CALL_SHOWN_MS);
}

function put(toast: Omit<Toast, "id">, milliseconds: number): void {
  // An effect that says something must not run again because of what is on the page.
  untrack(() => {
    const same = shown.find(({ text }) => text === toast.text);
    if (same) dismiss(same.id);
    const id = next++;
    shown.push({ ...toast, id });
    if (shown.length > MOST) shown.shift();
    setTimeout(() => dismiss(id), milliseconds);
  });
}

/** Says why something failed. A person's own cancelling is no failure. */
export function sayFailure(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  say(error instanceof Error ? error.message : String(error), true);
}
