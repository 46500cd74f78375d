// curl: a route as a line for the shell.

import type { Parameter } from "./openapi.ts";
import type { Route } from "./routes.ts";

/** What a person has filled in, by the parameters' names. */
export type Values = Readonly<Record<string, string>>;

/** What stands for a parameter that is not filled in. */
export function example(parameter: Parameter): string {
  return typeof parameter.example === "string" ? parameter.example : "";
}

/** The address of a route below a server's; parameters without a value are left out, in the path named. */
export function address(server: string, route: Route, values: Values): string {
  const filled = (parameter: Parameter) =>
    values[parameter.name] || (parameter.required ? example(parameter) : "");
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    values[name] ? encodeURIComponent(values[name]) : name.toUpperCase(),
  );
  const query = route.parameters
    .filter((parameter) => parameter.in === "query" && filled(parameter) !== "")
    .map((parameter) => `${parameter.name}=${encodeURIComponent(filled(parameter))}`);
  return server + path + (query.length > 0 ? `?${query.join("&")}` : "");
}

/** A text as the shell reads it. */
export function quoted(text: string): string {
  return /^[\w./:@=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The line, for a server that asks for its token or not. */
export function curl(server: string, route: Route, values: Values, needsToken: boolean): string {
  const goesOn = route.answers.some(({ bodies }) =>
    bodies.some(({ kind }) => /event-stream|ndjson/.test(kind)),
  );
  const words = ["curl", goesOn ? "-sN" : "-s"];
  if (needsToken && !route.isPublic) words.push("-H", '"Authorization: Bearer $SERIALD_TOKEN"');
  const { body, method } = route;
  if (body?.example !== undefined) {
    if (method !== "post") words.push("-X", method.toUpperCase());
    words.push("--json", quoted(JSON.stringify(body.example)));
  } else if (body) {
    if (method !== "post") words.push("-X", method.toUpperCase());
    words.push("--data-binary", "@FILE");
  } else if (method !== "get") {
    words.push("-X", method.toUpperCase());
  }
  return [...words, quoted(address(server, route, values))].join(" ");
}
