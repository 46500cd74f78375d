// What the server answers about people and tokens: the types, and the reading, of which nothing is believed unseen.
import { type Excerpt, readExcerpt } from "../model/excerpt.ts";
import { type Fields, fieldsOf, listOf, number, text, texts } from "../model/fields.ts";

/** Somebody with an account. Times are in microseconds since the epoch. */
export interface Person {
  name: string;
  /** As `RIGHT` or `RIGHT:PATTERN`. */
  grants: string[];
  groups: string[];
  /** Null: not yet. */
  lastSeen: number | null;
  /** Without one nobody can sign in, and tokens are the only way. */
  hasPassword: boolean;
}

/** That something counts by what others said of its owner, until a time or until they come again. */
export interface Elsewhere {
  until: number | null;
}

/** What a program comes in with. */
export interface Token {
  id: string;
  title: string;
  /** Whose it is. */
  user: string;
  /** Null: it is of an account. */
  elsewhere: Elsewhere | null;
  /** What it is held to, within what its owner may do; null: nothing less. */
  grants: string[] | null;
  /** Null: it does not. */
  expires: number | null;
  /** Null: not yet. */
  lastUsed: number | null;
}

/** Where a share link leads. */
export interface Target {
  port: string;
  /** What guests may do there. */
  may: "see" | "type" | "use";
  /** The panel that they may use, the page or the offset that opens. */
  panel: string | null;
  page: string | null;
  offset: number | null;
  journal: number | null;
  /** All that they see of the port; null: everything. */
  excerpt: Excerpt | null;
}

/** A share link. */
export interface Share extends Target {
  id: string;
  title: string;
  /** Who made it; null where nobody has an account. */
  by: string | null;
  /** Null: an account made it. */
  elsewhere: Elsewhere | null;
  expires: number;
  /** Null: not yet. */
  lastUsed: number | null;
  /** How often it was opened. */
  uses: number;
}

/** Reads the people. */
export function readPeople(value: unknown): Person[] {
  return listOf(value).map((person) => ({
    name: text(person.name),
    grants: texts(person.grants),
    groups: texts(person.groups),
    lastSeen: number(person.last_seen),
    hasPassword: person.has_password === true,
  }));
}

/** Reads the tokens. */
export function readTokens(value: unknown): Token[] {
  return listOf(value).map(tokenOf);
}

/** Reads the share links. */
export function readShares(value: unknown): Share[] {
  return listOf(value).map((share) => ({
    ...readTarget(share),
    id: text(share.id),
    title: text(share.title),
    by: text(share.by) || null,
    elsewhere: elsewhereOf(share.elsewhere),
    expires: number(share.expires) ?? 0,
    lastUsed: number(share.last_used),
    uses: number(share.uses) ?? 0,
  }));
}

/** Reads where a share link leads. */
export function readTarget(value: unknown): Target {
  const { port, may, panel, page, offset, journal, excerpt } = fieldsOf(value);
  return {
    port: text(port),
    may: may === "type" || may === "use" ? may : "see",
    panel: text(panel) || null,
    page: text(page) || null,
    offset: number(offset),
    journal: number(journal),
    excerpt: readExcerpt(excerpt),
  };
}

/** Reads where a new share link is, below the server; this is told this once. */
export function readPath(value: unknown): string {
  return text(fieldsOf(value).path);
}

/** Reads the secret of a new token, which is told this once. */
export function readSecret(value: unknown): string {
  return text(fieldsOf(value).secret);
}

function tokenOf({ id, title, user, elsewhere, grants, expires, last_used }: Fields): Token {
  return {
    id: text(id),
    title: text(title),
    user: text(user),
    elsewhere: elsewhereOf(elsewhere),
    grants: Array.isArray(grants) ? texts(grants) : null,
    expires: number(expires),
    lastUsed: number(last_used),
  };
}

function elsewhereOf(value: unknown): Elsewhere | null {
  return value === undefined ? null : { until: number(fieldsOf(value).until) };
}
