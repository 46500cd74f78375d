// Files: panels taken away as files, and brought from elsewhere.
import type { Panel } from "seriald";
import { jsonText, readJson } from "./json-text.ts";

/** The longest file that a panel may have, in bytes. */
const LONGEST = 256 * 1024;

/** Gives a panel to the browser as a file. */
export function exportPanel(name: string, panel: Panel): void {
  const address = URL.createObjectURL(
    new Blob([`${jsonText(panel)}\n`], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.json`;
  link.click();
  URL.revokeObjectURL(address);
}

/** Reads a panel that came from elsewhere: for this port unless it says, its triggers off. Throws what is wrong with it. */
export function foreignPanel(json: string, port: string): Panel {
  if (json.length > LONGEST) throw new Error("The file is longer than 256 KiB.");
  const read = readJson(json);
  if (!("value" in read)) throw new Error(`This is not JSON: ${read.message}`);
  return foreign(read.value, port);
}

/** A panel out of plain data that came from elsewhere. */
export function foreign(value: unknown, port: string): Panel {
  const fields = value as Partial<Panel> | null;
  if (typeof fields !== "object" || fields?.seriald !== 1)
    throw new Error("This is no panel: it does not say “seriald”: 1.");
  const list = <T>(entries: readonly T[] | undefined): T[] =>
    (Array.isArray(entries) ? entries : []).filter((entry) => typeof entry === "object" && entry);
  return {
    ...fields,
    seriald: 1,
    title: String(fields.title ?? port),
    for: fields.for ?? { port },
    widgets: list(fields.widgets),
    macros: list(fields.macros),
    triggers: list(fields.triggers).map((trigger) => ({ ...trigger, on: false })),
  };
}
