// Deeds: what a trigger may do, as one adds them.
import type { Action } from "seriald";

export const DEEDS = [
  { value: "mark", text: "Set a mark", hint: "{value}, {line} and {port} stand for what they say" },
  { value: "highlight", text: "Colour the line", hint: "" },
  { value: "notify", text: "Notify people", hint: "in every open console" },
  { value: "webhook", text: "Call an address", hint: "a POST with JSON" },
  { value: "send", text: "Send a text", hint: "" },
  { value: "macro", text: "Run a macro", hint: "" },
] as const;

export type DeedKind = (typeof DEEDS)[number]["value"];

/** What a trigger does, and with what. */
export function deedOf(action: Action): { kind: DeedKind; value: string } {
  const [kind = "mark", value = ""] = Object.entries(action)[0] ?? [];
  return { kind: kind as DeedKind, value };
}

/** A deed as it is added. */
export function freshDeed(kind: DeedKind, macro: string | undefined): Action {
  const begin: Record<DeedKind, string> = {
    mark: "mark",
    highlight: "warn",
    notify: "{line}",
    webhook: "https://",
    send: "\n",
    macro: macro ?? "",
  };
  return { [kind]: begin[kind] } as unknown as Action;
}
