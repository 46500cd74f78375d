// Routes: what the document says of each, by topic, as the page shows it.

import {
  type Content,
  METHODS,
  type Method,
  type OpenApi,
  type Operation,
  type Parameter,
  type PathItem,
  type Schema,
} from "./openapi.ts";

/** What is sent or answered, of one media type. */
export interface Body {
  kind: string;
  schema: Schema | undefined;
  example: unknown;
}

export interface Answer {
  status: string;
  about: string;
  bodies: Body[];
}

export interface Route {
  id: string;
  method: Method;
  path: string;
  summary: string;
  details: string;
  parameters: Parameter[];
  body: Body | undefined;
  /** Those of success; errors are the same everywhere. */
  answers: Answer[];
  isPublic: boolean;
}

export interface Topic {
  name: string;
  about: string;
  routes: Route[];
}

/** All topics with their routes, in the document's order of topics and the paths' of routes. */
export function topics(document: OpenApi): Topic[] {
  const routes = Object.entries(document.paths).flatMap(([path, item]) => routesOf(path, item));
  return document.tags.map(({ name, description }) => ({
    name,
    about: description,
    routes: routes.filter(({ tag }) => tag === name).map(({ route }) => route),
  }));
}

function routesOf(path: string, item: PathItem): { tag: string | undefined; route: Route }[] {
  return METHODS.flatMap((method) => {
    const operation = item[method];
    if (!operation) return [];
    const route = routeOf(path, method, operation, item.parameters ?? []);
    return [{ tag: operation.tags[0], route }];
  });
}

function routeOf(path: string, method: Method, operation: Operation, shared: Parameter[]): Route {
  return {
    id: operation.operationId,
    method,
    path,
    summary: operation.summary,
    details: (operation.description ?? "").replaceAll("\n", " "),
    parameters: [...shared, ...(operation.parameters ?? [])],
    body: bodies(operation.requestBody?.content)[0],
    answers: Object.entries(operation.responses).flatMap(([status, { description, content }]) =>
      status === "default" ? [] : [{ status, about: description ?? "", bodies: bodies(content) }],
    ),
    isPublic: operation.security?.every((needs) => Object.keys(needs).length === 0) ?? false,
  };
}

function bodies(content: Content = {}): Body[] {
  return Object.entries(content).map(([kind, { schema, example }]) => ({ kind, schema, example }));
}

/** The topics with those routes that have each of the words somewhere. */
export function matching(all: Topic[], words: string): Topic[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const has = ({ method, path, summary, details }: Route) => {
    const text = `${method} ${path} ${summary} ${details}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  const left = all.map((topic) => ({ ...topic, routes: topic.routes.filter(has) }));
  return left.filter(({ routes }) => routes.length > 0);
}

/** A path as a list of many names it. */
export function short(path: string): string {
  return path.replace("/api/v1", "").replace("/{name}/", "/…/");
}

/** Whether the page itself can ask it: what only reads, and is no socket. */
export function canBeTried({ method, answers }: Route): boolean {
  return method === "get" && !answers.some(({ status }) => status === "101");
}
