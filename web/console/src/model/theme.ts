// The theme on <html>: always "light" or "dark", by the person's choice or else the system's.
import type { ThemeChoice } from "./preferences.svelte.ts";

/** Applies a choice and follows the system while it says "system"; the answer stops following. */
export function applyTheme(choice: ThemeChoice): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    document.documentElement.dataset.theme = theme;
  };
  apply();
  dark.addEventListener("change", apply);
  return () => dark.removeEventListener("change", apply);
}
