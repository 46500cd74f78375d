// Short messages about what was just asked for; each goes away by itself.
import { untrack } from "svelte";

/** A message for the person; `bad` ones say that something did not happen. */
export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const SHOWN_MS = 4000;
const BAD_SHOWN_MS = 9000;
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
  // An effect that says something must not run again because of what is on the page.
  untrack(() => show(text, bad));
}

function show(text: string, bad: boolean): void {
  const same = shown.find((toast) => toast.text === text);
  if (same) dismiss(same.id);
  const id = next++;
  shown.push({ id, text, bad });
  if (shown.length > MOST) shown.shift();
  setTimeout(() => dismiss(id), bad ? BAD_SHOWN_MS : SHOWN_MS);
}

/** Says why something failed. A person's own cancelling is no failure. */
export function sayFailure(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  say(error instanceof Error ? error.message : String(error), true);
}
