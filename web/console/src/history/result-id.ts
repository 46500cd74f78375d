// The names by which a search field points at its results.

export const RESULTS_ID = "search-results";

/** The name of a result. */
export const resultId = (at: number): string => `${RESULTS_ID}-${at}`;
