// Kinds: the widgets that there are, as one adds them, and the fields that each of their forms has.
import type { Widget } from "seriald";

type Type = Widget["type"];

/** A widget that is added: everything but its id and its place. */
type Fresh = { [T in Type]: Omit<Extract<Widget, { type: T }>, "id" | "at"> }[Type];

/** A kind of widget as one chooses it. */
export interface Kind {
  text: string;
  hint: string;
  /** Width and height that it begins with. */
  size: readonly [number, number];
  fresh: Fresh;
}

/** The kinds, controls first. */
export const KINDS: readonly Kind[] = [
  {
    text: "Button",
    hint: "sends a text, or runs a macro",
    size: [3, 1],
    fresh: { type: "button", title: "Button", send: "\n" },
  },
  {
    text: "Switch",
    hint: "two texts, on and off",
    size: [3, 1],
    fresh: { type: "toggle", title: "Switch", on: "on\n", off: "off\n" },
  },
  {
    text: "Slider",
    hint: "a number by hand",
    size: [6, 2],
    fresh: { type: "slider", title: "Slider", send: "{value}\n", min: 0, max: 100, step: 1 },
  },
  {
    text: "Number",
    hint: "a number by keyboard",
    size: [4, 2],
    fresh: { type: "number", title: "Number", send: "{value}\n" },
  },
  {
    text: "Text",
    hint: "a line of text",
    size: [6, 2],
    fresh: { type: "text", title: "Text", send: "{value}\n" },
  },
  {
    text: "Choice",
    hint: "one of a few",
    size: [6, 2],
    fresh: {
      type: "choice",
      title: "Choice",
      options: [
        { title: "One", send: "one\n" },
        { title: "Two", send: "two\n" },
      ],
    },
  },
  {
    text: "Emergency stop",
    hint: "in reach in every view of the port",
    size: [3, 2],
    fresh: { type: "stop", title: "Stop", send: "stop\n" },
  },
  {
    text: "Value",
    hint: "the latest value, large",
    size: [3, 2],
    fresh: { type: "value", follow: "" },
  },
  {
    text: "Gauge",
    hint: "a value between two ends",
    size: [3, 4],
    fresh: { type: "gauge", follow: "", min: 0, max: 100 },
  },
  { text: "Lamp", hint: "lit above a value", size: [3, 1], fresh: { type: "led", follow: "" } },
  {
    text: "Plot",
    hint: "values over time",
    size: [12, 6],
    fresh: { type: "plot", plot: { window: 60 } },
  },
  { text: "Words", hint: "a label", size: [4, 1], fresh: { type: "label", text: "Words" } },
];

/** How a field of a form is filled in. */
export type FieldKind =
  | "words"
  | "lines"
  | "number"
  | "flag"
  | "series"
  | "template"
  | "action"
  | "sending"
  | "options"
  | "bands"
  | "plot";

export interface Field {
  key: string;
  label: string;
  kind: FieldKind;
  hint?: string;
}

const field = (key: string, label: string, kind: FieldKind, hint?: string): Field => ({
  key,
  label,
  kind,
  ...(hint === undefined ? {} : { hint }),
});

const SENDS = field("send", "Sends", "template", "{value} is the number");
const FOLLOWS = field(
  "follow",
  "Stands where the device says",
  "series",
  "its series, if it has one",
);
const SERIES = field("follow", "Series", "series");
const UNIT = field("unit", "Unit", "words");
const MIN = field("min", "From", "number");
const MAX = field("max", "To", "number");
const STEP = field("step", "Step", "number");

/** The fields of each kind's form, behind its title. */
export const FIELDS: Readonly<Record<Type, readonly Field[]>> = {
  button: [
    field("send", "When pressed", "action"),
    field("every", "Again and again", "number", "ms; makes it a switch"),
    field("confirm", "Asks first", "words", "a question"),
  ],
  toggle: [
    field("on", "Sends for on", "template"),
    field("off", "Sends for off", "template"),
    FOLLOWS,
  ],
  slider: [SENDS, MIN, MAX, STEP, UNIT, field("live", "Sends while it moves", "flag"), FOLLOWS],
  number: [SENDS, MIN, MAX, STEP, UNIT, FOLLOWS],
  text: [
    field("send", "Sends", "template", "{value} is the text"),
    field("placeholder", "Example in the empty field", "words"),
  ],
  choice: [field("options", "Choices", "options")],
  stop: [field("send", "Sends", "sending")],
  value: [SERIES, UNIT, field("digits", "Digits behind the point", "number")],
  gauge: [SERIES, MIN, MAX, UNIT, field("bands", "Bands", "bands")],
  led: [SERIES, field("above", "Lit above", "number", "0")],
  plot: [field("plot", "Plot", "plot")],
  label: [field("text", "Words", "lines")],
};

/** What a kind is called. */
export function kindText(type: Type): string {
  return KINDS.find(({ fresh }) => fresh.type === type)?.text ?? type;
}
