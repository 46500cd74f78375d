// Steps of macros, as one adds them.
import type { Step } from "seriald";

/** What a step does, by the field that says it. */
export const STEP_KINDS = [
  { value: "send", text: "Send a text", fresh: { send: "\n" } },
  { value: "hex", text: "Send bytes", fresh: { hex: "00" } },
  { value: "wait", text: "Wait for", fresh: { wait: "ok", timeout: 5000 } },
  { value: "delay", text: "Pause", fresh: { delay: 1000 } },
  { value: "repeat", text: "Repeat", fresh: { repeat: 3, steps: [{ send: "\n" }] } },
  { value: "pulse", text: "Reset sequence", fresh: { pulse: "arduino-reset" } },
  { value: "break", text: "BREAK", fresh: { break: 250 } },
  { value: "mark", text: "Set a mark", fresh: { mark: "mark" } },
] as const satisfies readonly { value: string; text: string; fresh: Step }[];

export type StepKind = (typeof STEP_KINDS)[number]["value"];

/** What a step does. */
export function kindOf(step: Step): StepKind {
  return STEP_KINDS.find(({ value }) => value in step)?.value ?? "send";
}

/** A step of a kind as it is added. */
export function freshStep(kind: StepKind): Step {
  return structuredClone(STEP_KINDS.find((each) => each.value === kind)?.fresh ?? { send: "\n" });
}
