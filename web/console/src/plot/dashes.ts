// Dashes: how lines are told apart whose colour is the same; in pixels of the page.
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];
