// Check: what is wrong with a panel, at its place, before the server is asked. The server has the last word.
import type { Panel, Step, Trigger, Widget } from "seriald";
import { parseHex } from "../../send/hex.ts";
import { takesValue, templateFault } from "../template.ts";

/** Something that is wrong, and where: `widgets[2].min`. */
export interface Problem {
  at: string;
  text: string;
}

type Tell = (field: string, text: string | null) => void;

const LONGEST_TITLE = 64;
const LONGEST_SENT = 4096;
const MOST = { widgets: 200, macros: 100, triggers: 100, options: 20, steps: 256, levels: 4 };
const ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Everything that is wrong with a panel. */
export function problemsOf(panel: Panel): Problem[] {
  const found: Problem[] = [];
  const teller =
    (place: string): Tell =>
    (field, text) => {
      if (text !== null) found.push({ at: `${place}${field}`, text });
    };
  const tell = teller("");
  tell("title", title(panel.title, true));
  const target = panel.for;
  if (target && "usb" in target)
    tell("for.usb", /^[0-9a-f]{4}:[0-9a-f]{4}$/i.test(target.usb) ? null : "such as 2341:0043");
  if (target && "port" in target)
    tell("for.port", target.port === "" ? "the name of a port" : null);
  for (const list of ["widgets", "macros", "triggers"] as const) {
    const { length } = panel[list];
    tell(list, length > MOST[list] ? `${length}; at most ${MOST[list]}` : null);
    checkIds(panel[list], list, tell);
  }
  const macros = panel.macros.map(({ id }) => id);
  for (const [n, widget] of panel.widgets.entries())
    checkWidget(widget, macros, teller(`widgets[${n}].`));
  for (const [n, macro] of panel.macros.entries()) {
    teller(`macros[${n}].`)("title", title(macro.title));
    checkSteps(macro.steps, teller(`macros[${n}].steps`), 1);
  }
  for (const [n, trigger] of panel.triggers.entries())
    checkTrigger(trigger, macros, teller(`triggers[${n}].`));
  return found;
}

/** What is wrong at a place, or within it. */
export function problemAt(problems: readonly Problem[], place: string): string | null {
  const inside = (at: string) =>
    at === place || at.startsWith(`${place}.`) || at.startsWith(`${place}[`);
  return problems.find(({ at }) => inside(at))?.text ?? null;
}

function checkIds(entries: readonly { id: string }[], list: string, tell: Tell): void {
  for (const [n, { id }] of entries.entries()) {
    if (!ID.test(id)) tell(`${list}[${n}].id`, "1 to 32 of a-z A-Z 0-9 - _");
    else if (entries.findIndex((other) => other.id === id) < n)
      tell(`${list}[${n}].id`, `“${id}” is there already`);
  }
}

function title(text: string | undefined, needed = false): string | null {
  if (needed && !text?.trim()) return "a title is needed";
  const { length } = [...(text ?? "")];
  return length > LONGEST_TITLE ? `${length} characters; at most ${LONGEST_TITLE}` : null;
}

function template(text: string | undefined): string | null {
  if (text === undefined || text === "") return "what is to be sent?";
  const fault = templateFault(text);
  if (fault) return `character ${fault.at + 1}: ${fault.message}`;
  const { length } = new TextEncoder().encode(text);
  return length > LONGEST_SENT ? `${length} bytes; at most ${LONGEST_SENT}` : null;
}

function valueTemplate(text: string): string | null {
  return template(text) ?? (takesValue(text) ? null : "{value} must stand in it");
}

function hex(text: string): string | null {
  if (text.trim() === "") return "which bytes are to be sent?";
  const parsed = parseHex(text);
  if (!("bytes" in parsed)) return `character ${parsed.at + 1}: ${parsed.message}`;
  return parsed.bytes.length > LONGEST_SENT ? `at most ${LONGEST_SENT} bytes` : null;
}

function sending({ send, hex: bytes }: { send?: string; hex?: string }, tell: Tell): void {
  if (bytes !== undefined) tell("hex", hex(bytes));
  else tell("send", template(send));
}

/** What is wrong with two numbers of which the second is to be larger. */
function ends(min: number | undefined, max: number | undefined): string | null {
  if (min !== undefined && max !== undefined && !(min < max)) return `must be more than ${min}`;
  return null;
}

function checkWidget(widget: Widget, macros: readonly string[], tell: Tell): void {
  tell("title", title(widget.title));
  switch (widget.type) {
    case "button":
      if (widget.macro === undefined) sending(widget, tell);
      else tell("macro", macros.includes(widget.macro) ? null : "there is no such macro");
      tell("every", every(widget.every));
      break;
    case "toggle":
      tell("on", template(widget.on));
      tell("off", template(widget.off));
      break;
    case "slider":
      tell("send", valueTemplate(widget.send));
      tell("max", ends(widget.min, widget.max));
      tell("step", positive(widget.step));
      break;
    case "number":
      tell("send", valueTemplate(widget.send));
      tell("max", ends(widget.min, widget.max));
      tell("step", positive(widget.step));
      break;
    case "text":
      tell("send", valueTemplate(widget.send));
      break;
    case "stop":
      sending(widget, tell);
      break;
    case "choice":
      if (widget.options.length === 0) tell("options", "at least one");
      if (widget.options.length > MOST.options) tell("options", `at most ${MOST.options}`);
      for (const [n, option] of widget.options.entries()) {
        tell(`options[${n}].title`, title(option.title, true));
        sending(option, (field, text) => tell(`options[${n}].${field}`, text));
      }
      break;
    case "gauge":
      tell("max", ends(widget.min, widget.max));
      for (const [n, { from, to }] of (widget.bands ?? []).entries())
        tell(`bands[${n}].to`, ends(from, to));
      tell("follow", widget.follow === "" ? "the name of a series" : null);
      break;
    case "value":
    case "led":
      tell("follow", widget.follow === "" ? "the name of a series" : null);
      break;
    case "label":
      tell("text", widget.text === "" ? "words are needed" : null);
      break;
    case "plot":
      break;
  }
}

function positive(number: number | undefined): string | null {
  return number !== undefined && !(number > 0) ? "more than 0" : null;
}

function every(ms: number | undefined): string | null {
  return ms !== undefined && !(ms >= 100) ? "100 ms or more" : null;
}

/** How many steps there are, with those inside. */
function countSteps(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + 1 + ("repeat" in step ? countSteps(step.steps) : 0), 0);
}

function checkSteps(steps: readonly Step[], tell: Tell, level: number): void {
  if (steps.length === 0) tell("", "at least one step");
  if (level === 1 && countSteps(steps) > MOST.steps) tell("", `at most ${MOST.steps} steps`);
  if (level > MOST.levels) tell("", `at most ${MOST.levels} levels deep`);
  for (const [n, step] of steps.entries()) {
    if ("send" in step) tell(`[${n}].send`, step.send === "" ? "what is to be sent?" : null);
    else if ("hex" in step) tell(`[${n}].hex`, hex(step.hex));
    else if ("wait" in step) tell(`[${n}].wait`, step.wait === "" ? "what is waited for?" : null);
    else if ("delay" in step) tell(`[${n}].delay`, positive(step.delay));
    else if ("mark" in step) tell(`[${n}].mark`, step.mark === "" ? "a text is needed" : null);
    else if ("pulse" in step) tell(`[${n}].pulse`, step.pulse === "" ? "such as esp-reset" : null);
    else if ("repeat" in step)
      checkSteps(step.steps, (field, text) => tell(`[${n}].steps${field}`, text), level + 1);
  }
}

// What stands for something in what a trigger tells; nothing of the device's goes into what it sends.
const TOLD = ["line", "port"];

function checkTrigger(trigger: Trigger, macros: readonly string[], tell: Tell): void {
  tell("title", title(trigger.title));
  tell("every", every(trigger.every));
  const { when } = trigger;
  if ("pattern" in when) tell("when.pattern", when.pattern === "" ? "what is looked for?" : null);
  else {
    const { above, below } = when;
    tell("when.value", when.value === "" ? "the name of a series" : null);
    if (above === undefined && below === undefined) tell("when", "above what, or below what?");
    if (above !== undefined && below !== undefined && below >= above)
      tell("when.below", `must be less than ${above}`);
  }
  if (trigger.do.length === 0) tell("do", "at least one action");
  for (const [n, action] of trigger.do.entries()) {
    const [kind = "", value = ""] = Object.entries(action)[0] ?? [];
    tell(`do[${n}].${kind}`, deed(kind, value, macros));
  }
}

function deed(kind: string, value: string, macros: readonly string[]): string | null {
  if (kind === "macro") return macros.includes(value) ? null : "there is no such macro";
  if (kind === "webhook") return /^https?:\/\/\S+$/.test(value) ? null : "an address: https://…";
  if (value === "") return "a text is needed";
  const fault = kind === "highlight" ? null : templateFault(value, kind === "send" ? [] : TOLD);
  return fault && `character ${fault.at + 1}: ${fault.message}`;
}
