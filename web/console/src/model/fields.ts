// Fields: JSON that came from the server, read field by field; nothing of it is believed unseen.

/** A JSON object of which nothing is known yet. */
export type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value if it is an object, or one without fields. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** The objects of a list; none where it is no list. */
export const listOf = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.filter(isFields) : [];

/** The texts of a list; none where it is no list. */
export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

/** The value if it is a text, or an empty one. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The value if it can count: a whole number from 0 to 2^53 − 1. */
export function number(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
