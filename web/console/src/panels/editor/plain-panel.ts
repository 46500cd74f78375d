// Plain data that somebody wrote, as a panel as far as the editor needs it: lists are lists, widgets have a type and a place.
import type { Panel, Step, Widget } from "seriald";
import { type At, within } from "../grid.ts";
import { KINDS } from "./kinds.ts";

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The panel that plain data says; null where it is none. What cannot be shown of it is left to the server to refuse. */
export function parsePanel(value: unknown): Panel | null {
  if (!isFields(value) || value.seriald !== 1) return null;
  const { widgets = [], macros = [], triggers = [] } = value;
  if (![widgets, macros, triggers].every((list) => Array.isArray(list) && list.every(isFields)))
    return null;
  const panel = { ...value, widgets, macros, triggers } as unknown as Panel;
  if (typeof panel.title !== "string" || !panel.widgets.every(isWidget)) return null;
  if (!panel.macros.every(({ steps }) => areSteps(steps))) return null;
  if (!panel.triggers.every(({ when, do: acts }) => isFields(when) && Array.isArray(acts)))
    return null;
  if (panel.for !== undefined && !isFields(panel.for)) return null;
  return panel;
}

function isWidget(widget: Widget): boolean {
  const { type, at } = widget;
  const kind = KINDS.find(({ fresh }) => fresh.type === type);
  if (!kind || !Array.isArray(at) || at.length !== 4 || !at.every(Number.isFinite)) return false;
  if (within(at as At).join() !== at.join()) return false;
  // What a form or a card of this kind takes for granted.
  const { title: _, ...needed } = kind.fresh as unknown as Fields;
  return Object.entries(needed).every(([key, given]) => {
    if (key === "send" || key === "step") return true;
    const found = (widget as unknown as Fields)[key];
    return Array.isArray(given)
      ? Array.isArray(found) && found.every(isFields)
      : typeof found === typeof given;
  });
}

function areSteps(steps: unknown): steps is Step[] {
  return (
    Array.isArray(steps) &&
    steps.every((step) => isFields(step) && (!("repeat" in step) || areSteps(step.steps)))
  );
}
