// SaveForm: what of a port is to be saved, and how; and where the server has it.
import { addressOf, pathOf, timeParameter } from "./api.ts";
import type { Stretch } from "./look-back.svelte.ts";
import { KINDS, type Kind, localTime } from "./search-form.ts";

/** The formats of a saved file. `growth` is about how much larger it is than what it holds. */
export const FORMATS = [
  { format: "text", text: "Text", hint: "Lines to read", extension: "txt", growth: 1.1 },
  { format: "raw", text: "Raw", hint: "Bytes, nothing else", extension: "bin", growth: 1 },
  { format: "jsonl", text: "JSON Lines", hint: "All records", extension: "jsonl", growth: 2.5 },
  { format: "csv", text: "CSV", hint: "For a spreadsheet", extension: "csv", growth: 1.9 },
  {
    format: "asciicast",
    text: "asciicast",
    hint: "For terminal players",
    extension: "cast",
    growth: 1.5,
  },
] as const;
export type Format = (typeof FORMATS)[number]["format"];

// A line of text grows by its time.
const GROWTH_BY_TIMES = 0.6;

/** Which stretch. */
export type Part = "all" | "view" | "selection" | "times";

export interface SaveForm {
  format: Format;
  part: Part;
  kinds: readonly Kind[];
  /** Text: with a time before each line. */
  times: boolean;
  /** Text: with escape sequences. */
  escapes: boolean;
  /** Raw: goes on behind what is missing. */
  skipGaps: boolean;
  /** As `datetime-local` fields have them; empty is open. */
  from: string;
  to: string;
}

export const DEFAULT_FORM: Readonly<SaveForm> = {
  format: "text",
  part: "all",
  kinds: KINDS.map(({ kind }) => kind),
  times: true,
  escapes: false,
  skipGaps: false,
  from: "",
  to: "",
};

/** The stretches that a part can stand for. */
export interface Parts {
  view: Stretch;
  selection: Stretch | null;
}

/** Where the server has it. */
export function saveAddress(
  port: string,
  form: SaveForm,
  parts: Parts,
  journal: number,
  page?: string,
): string {
  const { format } = form;
  const [from, to] = ends(form, parts);
  return addressOf(
    pathOf(port, "history"),
    {
      format,
      from,
      to,
      // Raw bytes are of one kind, and a player wants them all.
      kind: format === "raw" || format === "asciicast" ? undefined : form.kinds.join(","),
      times: format === "text" && !form.times ? "no" : undefined,
      escapes: format === "text" && form.escapes ? "yes" : undefined,
      gaps: format === "raw" && form.skipGaps ? "skip" : undefined,
      journal: form.part === "view" || form.part === "selection" ? journal : undefined,
    },
    page,
  );
}

function ends(form: SaveForm, parts: Parts): (string | number | undefined)[] {
  if (form.part === "times") {
    return [localTime(form.from), localTime(form.to)].map((time) =>
      time === null ? undefined : timeParameter(time),
    );
  }
  const stretch = form.part === "all" ? null : parts[form.part];
  return [stretch?.from, stretch?.to ?? undefined];
}

/** About how many bytes the file will have, for so many of the journal. */
export function expectedSize({ format, times }: SaveForm, recorded: number): number {
  const growth = FORMATS.find((each) => each.format === format)?.growth ?? 1;
  return recorded * (growth + (format === "text" && times ? GROWTH_BY_TIMES : 0));
}

/** A name for the file: that of the port and the time, without any path in it. */
export function fileName(port: string, format: Format, time: Date): string {
  const extension = FORMATS.find((each) => each.format === format)?.extension ?? "txt";
  return fileNameOf(port, extension, time);
}

/** The same for any kind of file. */
export function fileNameOf(port: string, extension: string, time: Date): string {
  const name = port.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "") || "port";
  const stamp = time.toISOString().slice(0, 19).replaceAll(":", "-");
  return `${name}_${stamp}.${extension}`;
}
