// Steps of macros, as one adds them and moves them.
import type { Step } from "seriald";

/** What a step does, by the field that says it. */
export const STEP_KINDS = [
  { kind: "send", text: "Send a text", fresh: { send: "\n" } },
  { kind: "hex", text: "Send bytes", fresh: { hex: "00" } },
  { kind: "wait", text: "Wait for", fresh: { wait: "ok", timeout: 5000 } },
  { kind: "delay", text: "Pause", fresh: { delay: 1000 } },
  { kind: "repeat", text: "Repeat", fresh: { repeat: 3, steps: [{ send: "\n" }] } },
  { kind: "pulse", text: "Reset sequence", fresh: { pulse: "arduino-reset" } },
  { kind: "break", text: "BREAK", fresh: { break: 250 } },
  { kind: "mark", text: "Set a mark", fresh: { mark: "mark" } },
] as const satisfies readonly { kind: string; text: string; fresh: Step }[];

export type StepKind = (typeof STEP_KINDS)[number]["kind"];

/** What a step does. */
export function kindOf(step: Step): StepKind {
  return STEP_KINDS.find(({ kind }) => kind in step)?.kind ?? "send";
}

/** A step of a kind as it is added. */
export function freshStep(kind: StepKind): Step {
  return structuredClone(STEP_KINDS.find((each) => each.kind === kind)?.fresh ?? { send: "\n" });
}

/** The list with one entry somewhere else; the same list where there is no such place. */
export function reordered<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  if (to < 0 || to >= list.length) return rest;
  rest.splice(to, 0, ...rest.splice(from, 1));
  return rest;
}
