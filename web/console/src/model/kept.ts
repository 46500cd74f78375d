// Kept choices: a person's preferences in localStorage, each value checked by itself when read.

/** For each value, whether what was stored can be one. */
export type Checks<T> = { [K in keyof T]: (value: unknown) => value is T[K] };

export const flag = (value: unknown): value is boolean => typeof value === "boolean";

export const oneOf =
  <const T>(allowed: readonly T[]) =>
  (value: unknown): value is T =>
    allowed.includes(value as T);

export const between =
  (least: number, most: number) =>
  (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Reads stored text; each value that does not pass its check is the default. */
export function readKept<T extends object>(
  stored: string | null,
  defaults: Readonly<T>,
  checks: Checks<T>,
): T {
  const read: Record<string, unknown> = { ...defaults };
  let found: unknown;
  try {
    found = JSON.parse(stored ?? "null");
  } catch {
    found = null;
  }
  for (const [key, value] of Object.entries(found ?? {})) {
    if (Object.hasOwn(checks, key) && checks[key as keyof T](value)) read[key] = value;
  }
  return read as T;
}

/** What was kept under a key. A browser may forbid storage: choices then last as long as the page. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Forgets what was kept under a key. */
export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    return;
  }
}

/** Keeps choices under a key, where the browser lets it. */
export function keep(key: string, choices: object): void {
  try {
    localStorage.setItem(key, JSON.stringify(choices));
  } catch {
    return;
  }
}
