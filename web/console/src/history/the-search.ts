// The search of the page, which outlives the sheet that shows it.
import { Search } from "./search.svelte.ts";

let search: Search | undefined;

/** Always the same one. */
export function theSearch(): Search {
  search ??= new Search();
  return search;
}
