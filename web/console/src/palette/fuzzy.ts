// Finding an action by a few of its letters.

/** How well the letters of `query` stand in `text`, in order; null when they do not. Higher is better. */
export function score(query: string, text: string): number | null {
  const letters = query.toLowerCase().replaceAll(/\s+/g, "");
  const target = text.toLowerCase();
  let total = 0;
  let from = 0;
  let run = 0;
  for (const letter of letters) {
    const at = target.indexOf(letter, from);
    if (at < 0) return null;
    const startsWord = at === 0 || /[\s\-/:.(]/.test(target[at - 1] ?? "");
    run = at === from && at > 0 ? run + 1 : 0;
    total += 1 + run * 2 + (startsWord ? 4 : 0) - Math.min(at - from, 10) * 0.1;
    from = at + letter.length;
  }
  // A whole run of the query beats letters scattered over word starts.
  const whole = target.indexOf(query.trim().toLowerCase());
  if (letters && whole >= 0) total += 20 - Math.min(whole, 10);
  return total - target.length * 0.01;
}

/** The items that match, best first; all of them, in their order, for an empty query. */
export function filterByLetters<T>(
  items: readonly T[],
  query: string,
  textOf: (item: T) => string,
): T[] {
  if (!query.trim()) return [...items];
  return items
    .map((item) => ({ item, score: score(query, textOf(item)) }))
    .filter((hit): hit is { item: T; score: number } => hit.score !== null)
    .sort((a, b) => b.score - a.score)
    .map((hit) => hit.item);
}
