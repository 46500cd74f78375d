// How the writing of a file ended, in a sentence.
import type { FlashEnd } from "seriald";
import { span } from "../model/format.ts";

/** Whether the file was written. */
export const isDone = ({ why, code }: FlashEnd): boolean => why === "exit" && code === 0;

export function endWords(end: FlashEnd): string {
  const after = `after ${span(end.ms)}`;
  switch (end.why) {
    case "exit":
      return isDone(end) ? `Done ${after}.` : `Failed with exit code ${end.code} ${after}.`;
    case "signal":
      return `Ended by signal ${end.signal ?? "?"} ${after}.`;
    case "time":
      return `Ended ${after}: its time was over.`;
    case "stopped":
      return `Stopped${end.by ? ` by ${end.by}` : ""} ${after}.`;
    case "taken-back":
      return `Ended ${after}: somebody took the device back.`;
    default:
      return `Ended ${after} with the server.`;
  }
}
