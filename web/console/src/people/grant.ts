// Grant: a right on ports by a pattern of their names, written `RIGHT` (on all) or `RIGHT:PATTERN`, as the server reads it.
import type { Right } from "seriald";

export interface Grant {
  right: Right;
  /** A pattern of names, in which `*` and `?` stand for others. */
  ports: string;
}

/** The pattern of all ports. */
export const EVERYWHERE = "*";

/** The rights, the least first; each includes those before it. */
export const RIGHTS: readonly { value: Right; text: string; on: string; about: string }[] = [
  { value: "see", text: "See", on: "See", about: "watch, look back, save" },
  { value: "type", text: "Type", on: "Type on", about: "send, run macros, use panels" },
  { value: "control", text: "Control", on: "Control", about: "change settings, release, flash" },
  { value: "administer", text: "Administer", on: "Administer", about: "open doors for programs" },
];

/** Reads a grant; null where it is none. */
export function parseGrant(text: string): Grant | null {
  const at = text.indexOf(":");
  const word = at < 0 ? text : text.slice(0, at);
  const ports = at < 0 ? EVERYWHERE : text.slice(at + 1);
  const right = RIGHTS.find(({ value }) => value === word)?.value;
  return right && isPattern(ports) ? { right, ports } : null;
}

/** A grant as it is written. */
export function formatGrant({ right, ports }: Grant): string {
  return ports === EVERYWHERE ? right : `${right}:${ports}`;
}

/** A grant as people are told it. */
export function grantWords(text: string): string {
  const grant = parseGrant(text);
  if (!grant) return text;
  const on = RIGHTS.find(({ value }) => value === grant.right)?.on;
  return `${on} ${grant.ports === EVERYWHERE ? "everything" : grant.ports}`;
}

/** Whether a text is a pattern of names. */
export function isPattern(text: string): boolean {
  return /^[\w.*?-]{1,128}$/.test(text);
}

/** Whether a name fits a pattern. Where a `*` took too little it takes one letter more; only the last one can have. */
export function fits(pattern: string, name: string): boolean {
  let at = 0;
  let place = 0;
  let star: { at: number; place: number } | null = null;
  while (place < name.length) {
    const letter = pattern[at];
    if (letter === "*") {
      at += 1;
      star = { at, place };
    } else if (letter === "?" || letter === name[place]) {
      at += 1;
      place += 1;
    } else if (star) {
      star.place += 1;
      ({ at, place } = star);
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

const MOST_NAMED = 3;

/** Which ports a pattern is for now, in words. */
export function portsWords(pattern: string, names: readonly string[]): string {
  if (pattern === EVERYWHERE) return "On all ports, those too that come later.";
  if (!isPattern(pattern)) return "Letters, digits, . _ - and * or ? for others.";
  const fitting = names.filter((name) => fits(pattern, name));
  const [first] = fitting;
  if (first === undefined) return "No port is called that now.";
  if (fitting.length === 1) return `On ${first} now.`;
  const named = fitting.length > MOST_NAMED ? fitting.slice(0, MOST_NAMED - 1) : fitting;
  const rest = fitting.length - named.length;
  const list = rest > 0 ? [...named, `${rest} more`] : named;
  return `On ${list.slice(0, -1).join(", ")} and ${list.at(-1)} now.`;
}
