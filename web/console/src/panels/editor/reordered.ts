// Reordered: a list of which one entry has moved.

/** The list with one entry somewhere else; the same list where there is no such place. */
export function reordered<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  if (to < 0 || to >= list.length) return rest;
  rest.splice(to, 0, ...rest.splice(from, 1));
  return rest;
}
