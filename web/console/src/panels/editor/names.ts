// Names that nothing else has: for files of panels, and for what is in them.

const LONGEST_NAME = 64;
const LONGEST_ID = 32;

/** A name for a panel's file, like its title. */
export function freshName(title: string, taken: readonly string[]): string {
  const letters = title.normalize("NFKD").replace(/[^A-Za-z0-9-_. ]+/g, " ");
  const base =
    letters
      .replace(/\s+/g, " ")
      .trim()
      .replace(/^[. ]+/, "") || "panel";
  return numbered(base, " ", taken, LONGEST_NAME);
}

/** An id within a panel, like a word. */
export function freshId(word: string, taken: readonly string[]): string {
  const base =
    word
      .normalize("NFKD")
      .replace(/[^A-Za-z0-9-_]+/g, "")
      .toLowerCase() || "w";
  return numbered(base, "-", taken, LONGEST_ID);
}

function numbered(base: string, space: string, taken: readonly string[], longest: number): string {
  const cut = base.slice(0, longest).trim();
  if (!taken.includes(cut)) return cut;
  for (let n = 2; ; n++) {
    const end = `${space}${n}`;
    const name = base.slice(0, longest - end.length).trim() + end;
    if (!taken.includes(name)) return name;
  }
}
