// Listing: what the server offers for its ports, panels and pages, and the alerts that it gives.
import { count, type Fields, isFields, objects, text, texts } from "./fields.ts";
import type { Offset } from "./talk.ts";

/** Whom a panel or a page is for: a port by name (`*` and `?` stand for any), or a kind of device, or one device. */
export type For = { port: string } | { usb: string; serial?: string };

/** A panel as the list has it; see `docs/panels.md`. */
export interface PanelListing {
  name: string;
  title: string;
  /** Null: for nobody yet. */
  for: For | null;
  /** The ports that it is for now. */
  ports: string[];
  /** Changes with the file; guards a write, see {@link PanelFile.put}. */
  version: string;
  /** It has an emergency stop. */
  stop: boolean;
  /** How many triggers are on. */
  triggers: number;
  /** What is wrong with the file and where, for people. */
  problem: string | null;
}

/** A page that is bound to a device or a port. */
export interface PageListing {
  /** Where it is on this server, relative to its root. */
  path: string;
  title: string;
  for: For | null;
  /** The ports that it is for now. */
  ports: string[];
  /** What is wrong with it, for people. */
  problem: string | null;
}

/** A trigger wants people to know. */
export interface Alert {
  port: string;
  panel: string;
  trigger: string;
  title: string;
  text: string;
  /** The line that it is about. */
  offset: Offset;
  /** Microseconds since the epoch. */
  time: number;
}

function forOf(value: unknown): For | null {
  if (!isFields(value)) return null;
  const { port, usb, serial } = value;
  if (typeof port === "string") return { port };
  if (typeof usb !== "string") return null;
  return typeof serial === "string" ? { usb, serial } : { usb };
}

function panelOf(fields: Fields): PanelListing {
  const name = text(fields.name);
  return {
    name,
    title: text(fields.title) || name,
    for: forOf(fields.for),
    ports: texts(fields.ports),
    version: text(fields.version),
    stop: fields.stop === true,
    triggers: count(fields.triggers) ?? 0,
    problem: text(fields.problem) || null,
  };
}

/** Reads a list of panels; those without a name are left out. */
export function parsePanels(value: unknown): PanelListing[] {
  return objects(value)
    .map(panelOf)
    .filter(({ name }) => name !== "");
}

/** Reads a list of pages; those without a path are left out. */
export function parsePages(value: unknown): PageListing[] {
  return objects(value)
    .map((fields) => ({
      path: text(fields.path),
      title: text(fields.title) || text(fields.path),
      for: forOf(fields.for),
      ports: texts(fields.ports),
      problem: text(fields.problem) || null,
    }))
    .filter(({ path }) => path !== "");
}

/** Reads an alert; null where it is about no port. */
export function parseAlert(fields: Fields): Alert | null {
  const port = text(fields.port);
  if (port === "") return null;
  return {
    port,
    panel: text(fields.panel),
    trigger: text(fields.trigger),
    title: text(fields.title),
    text: text(fields.text),
    offset: count(fields.offset) ?? 0,
    time: count(fields.time) ?? 0,
  };
}
