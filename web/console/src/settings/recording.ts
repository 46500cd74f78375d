// A port's recording in words.
import type { PortState } from "seriald";
import { amount, plural } from "../model/format.ts";
import type { Tone } from "../ports/describe.ts";

/** What is recorded, and how that goes. */
export function recordingWords(recording: PortState["recording"]): { word: string; tone: Tone } {
  if (recording.state === "failing") return { word: "Fails", tone: "warn" };
  if (recording.state === "off" || recording.records === "none")
    return { word: "Nothing is recorded", tone: "rest" };
  return recording.records === "rx"
    ? { word: "What comes in is recorded, not what is typed", tone: "ok" }
    : { word: "Everything is recorded", tone: "ok" };
}

/** What it takes on disk. */
export function recordingSize({ bytes, files }: PortState["recording"]): string {
  return bytes === 0 ? "" : `${amount(bytes)} in ${plural(files, "file")}`;
}
