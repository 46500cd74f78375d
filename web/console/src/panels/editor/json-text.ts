// JSON as people read it, and where in it something is: what fits on a line stands on one.

const WIDTH = 100;

/** The text of plain data. */
export function jsonText(value: unknown, indent = "", before = 0): string {
  const line = spaced(value);
  const isWhole = indent === "" && before === 0;
  if (typeof value !== "object" || value === null || line.length < 3) return line;
  if (!isWhole && before + line.length <= WIDTH) return line;
  const inner = `${indent}  `;
  const entries = Array.isArray(value)
    ? value.map((entry) => inner + jsonText(entry, inner, inner.length))
    : Object.entries(value).map(([key, entry]) => {
        const name = `${inner}${JSON.stringify(key)}: `;
        return name + jsonText(entry, inner, name.length);
      });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${entries.join(",\n")}\n${indent}${close}`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}: ${spaced(entry)}`,
  );
  return fields.length > 0 ? `{${fields.join(", ")}}` : "{}";
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The stretch of a text in which a place such as `widgets[2].min` stands, or of the nearest around it. */
export function placeIn(json: string, place: string): { from: number; to: number } {
  const wanted = place.match(/[^.[\]]+/g) ?? [];
  let best = { depth: -1, from: 0, to: 0 };
  const path: (string | number)[] = [];
  let key: string | null = null;
  for (const match of json.matchAll(TOKEN)) {
    const [token] = match;
    const isValue = !"}],:".includes(token);
    const end = json.slice(match.index + token.length).match(/^\s*:/);
    if (isValue && end && typeof path.at(-1) === "string") {
      key = JSON.parse(token) as string;
      path[path.length - 1] = key;
      continue;
    }
    if (isValue && path.every((part, n) => String(part) === wanted[n]) && path.length > best.depth)
      best = { depth: path.length, from: match.index, to: match.index + token.length };
    if (token === "{") path.push("");
    else if (token === "[") path.push(0);
    else if (token === "}" || token === "]") path.pop();
    else if (token === "," && typeof path.at(-1) === "number")
      path[path.length - 1] = (path.at(-1) as number) + 1;
  }
  return { from: best.from, to: best.to };
}

/** Reads JSON; where it breaks off, as far as the browser tells. */
export function readJson(json: string): { value: unknown } | { at: number; message: string } {
  try {
    return { value: JSON.parse(json) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(message)?.[1];
    return { at: position === undefined ? json.length : Number(position), message };
  }
}
