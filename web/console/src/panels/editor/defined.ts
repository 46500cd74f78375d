// Defined: fields as they are written into a panel's file, which has none without a value.

/** Fields of which each may be without a value. */
export type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** A copy of the fields that have a value. */
export function defined<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
