// Template: text with places for a value, as a panel's file has it; expanded here only to show what will be sent.

/** What is wrong with a template, at a character counted from 0. */
export interface TemplateFault {
  at: number;
  message: string;
}

type Part = string | { form: string };

const PLACE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const VALUE = /^value(?::(?:\d|0\d{1,2}|(?:0\d{1,2})?x))?$/;

/** Takes a template apart, in which others may stand beside `{value}`. */
function parts(template: string, others: readonly string[] = []): Part[] | TemplateFault {
  const found: Part[] = [];
  let from = 0;
  for (const match of template.matchAll(PLACE)) {
    found.push(template.slice(from, match.index));
    from = match.index + match[0].length;
    const [whole, form] = match;
    if (whole === "{{" || whole === "}}") found.push(whole.charAt(0));
    else if (form === undefined)
      return { at: match.index, message: `write ${whole}${whole} for a single ${whole}` };
    else if (!VALUE.test(form) && !others.includes(form))
      return {
        at: match.index,
        message: `${whole} is not known; there are ${["{value}, {value:2}, {value:03}, {value:x}, {value:02x}", ...others.map((name) => `{${name}}`)].join(", ")}`,
      };
    else found.push({ form: form.slice("value:".length) });
  }
  found.push(template.slice(from));
  return found;
}

/** What is wrong with a template, in which others may stand beside `{value}`; null where nothing is. */
export function templateFault(
  template: string,
  others: readonly string[] = [],
): TemplateFault | null {
  const found = parts(template, others);
  return Array.isArray(found) ? null : found;
}

/** Whether a template has a place for a value. */
export function takesValue(template: string): boolean {
  const found = parts(template);
  return Array.isArray(found) && found.some((part) => typeof part === "object");
}

/** The text that is sent for a value; null where the template is none. */
export function expand(template: string, value: number | string): string | null {
  const found = parts(template);
  if (!Array.isArray(found)) return null;
  return found
    .map((part) => (typeof part === "string" ? part : written(value, part.form)))
    .join("");
}

function written(value: number | string, form: string): string {
  if (typeof value === "string") return value.replace(/\p{Cc}/gu, "");
  if (form === "") return String(value);
  if (form.endsWith("x")) {
    const width = Number.parseInt(form.slice(0, -1) || "0", 10);
    return Math.round(value).toString(16).padStart(width, "0");
  }
  if (form.length > 1) return String(Math.round(value)).padStart(Number(form), "0");
  return value.toFixed(Number(form));
}
