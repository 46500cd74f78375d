// The examples of a Markdown page: its fenced blocks of code, under the heading where they stand.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Example {
  /** The page's heading that it stands under, and which of its examples it is: `Writes 1`. */
  name: string;
  language: string;
  code: string;
}

/** The examples of a page of this repository. */
export function examples(page: string): Example[] {
  const text = readFileSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url)), "utf8");
  const found: Example[] = [];
  let [heading, count] = ["", 0];
  for (const [, title, language, code] of text.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) [heading, count] = [title, 0];
    if (language === undefined || code === undefined) continue;
    count += 1;
    found.push({ name: `${heading} ${count}`, language, code });
  }
  return found;
}
