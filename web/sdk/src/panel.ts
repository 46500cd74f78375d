// Panel: the file of a panel, as `docs/panels.md` describes it. Times are in milliseconds.
import { fieldsOf, isFields, text } from "./fields.ts";
import type { For } from "./listing.ts";
import type { Parser } from "./parser.ts";

export type Colour = "good" | "warn" | "bad";

/** What is sent: a template, or bytes in hex; one of the two. */
export interface Sending {
  /** `{value}` stands for the value, see Templates in `docs/panels.md`. */
  send?: string;
  /** Pairs of hex digits. */
  hex?: string;
}

interface Base {
  /** Unique in the panel: 1 to 32 of `a-z A-Z 0-9 - _`. */
  id: string;
  /** Column, row, width and height on a grid of 12 columns. */
  at: [column: number, row: number, width: number, height: number];
  /** At most 64 characters. */
  title?: string;
}

export interface ButtonWidget extends Base, Sending {
  type: "button";
  /** Runs this macro instead of sending. */
  macro?: string;
  /** Makes it a switch that sends again and again, so often; 100 or more. */
  every?: number;
  /** A question to ask first. */
  confirm?: string;
}

export interface ToggleWidget extends Base {
  type: "toggle";
  on: string;
  off: string;
  follow?: string;
}

export interface SliderWidget extends Base {
  type: "slider";
  /** A template with `{value}`. */
  send: string;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  /** Sends while it moves. */
  live?: boolean;
  follow?: string;
}

export interface NumberWidget extends Base {
  type: "number";
  /** A template with `{value}`. */
  send: string;
  min?: number;
  max?: number;
  step?: number;
  unit?: string;
  follow?: string;
}

export interface TextWidget extends Base {
  type: "text";
  /** A template with `{value}`. */
  send: string;
  placeholder?: string;
}

export interface ChoiceOption extends Sending {
  title: string;
}

export interface ChoiceWidget extends Base {
  type: "choice";
  /** At most 20. */
  options: ChoiceOption[];
}

/** The emergency stop. */
export interface StopWidget extends Base, Sending {
  type: "stop";
}

export interface ValueWidget extends Base {
  type: "value";
  follow: string;
  unit?: string;
  digits?: number;
}

export interface Band {
  from: number;
  to: number;
  colour: Colour;
}

export interface GaugeWidget extends Base {
  type: "gauge";
  follow: string;
  min: number;
  max: number;
  unit?: string;
  bands?: Band[];
}

export interface LedWidget extends Base {
  type: "led";
  follow: string;
  /** Lit above this, 0 unless told. */
  above?: number;
}

export interface PlotSeries {
  name: string;
  title?: string;
  /** Of the palette, 1 to 8. */
  colour?: number;
  axis?: "left" | "right";
}

/** The ends of an axis; what is absent follows the values. */
export interface PlotAxis {
  min?: number;
  max?: number;
}

export interface PlotSettings {
  /** All that there are, where it is absent. */
  series?: PlotSeries[];
  kind?: "time" | "xy" | "histogram" | "spectrum";
  /** In seconds. */
  window?: number;
  left?: PlotAxis;
  right?: PlotAxis;
}

export interface PlotWidget extends Base {
  type: "plot";
  plot: PlotSettings;
}

export interface LabelWidget extends Base {
  type: "label";
  text: string;
}

export type Widget =
  | ButtonWidget
  | ToggleWidget
  | SliderWidget
  | NumberWidget
  | TextWidget
  | ChoiceWidget
  | StopWidget
  | ValueWidget
  | GaugeWidget
  | LedWidget
  | PlotWidget
  | LabelWidget;

/** One step of a macro. */
export type Step =
  | { send: string }
  | { hex: string }
  | { wait: string; timeout?: number; or?: "go on" }
  | { delay: number }
  | { repeat: number | "forever"; steps: Step[] }
  | { pulse: string }
  | { break: number }
  | { mark: string };

export interface Macro {
  id: string;
  title?: string;
  steps: Step[];
}

/** What a trigger watches for: a pattern in each line, or a value that gets above or below something. */
export type Condition =
  | { pattern: string }
  | { value: string; above?: number; below?: number; hysteresis?: number };

/** What a trigger does. */
export type Action =
  | { mark: string }
  | { highlight: Colour }
  | { notify: string }
  | { webhook: string }
  | { send: string }
  | { macro: string };

export interface Trigger {
  id: string;
  title?: string;
  /** Off, unless told. */
  on?: boolean;
  when: Condition;
  do: Action[];
  /** Acts at most once in so many; 1000 unless told, at least 100. */
  every?: number;
}

/** The file of a panel. */
export interface Panel {
  /** The version of the format. */
  seriald: 1;
  title: string;
  /** Absent: for nobody yet. */
  for?: For;
  /** `auto` unless told. */
  values?: Parser;
  widgets: Widget[];
  macros: Macro[];
  triggers: Trigger[];
}

/** Reads a panel's file, which the server has checked: a list that is absent is an empty one. Null where it is no panel of this version. */
export function parsePanel(value: unknown): Panel | null {
  const fields = fieldsOf(value);
  if (fields.seriald !== 1) return null;
  const list = <T>(entries: unknown) =>
    (Array.isArray(entries) ? entries.filter(isFields) : []) as T[];
  return {
    ...(fields as unknown as Panel),
    title: text(fields.title),
    widgets: list<Widget>(fields.widgets),
    macros: list<Macro>(fields.macros),
    triggers: list<Trigger>(fields.triggers),
  };
}
