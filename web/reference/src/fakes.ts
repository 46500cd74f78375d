// Fakes: a small document, with one of each thing that ours has.

import type { OpenApi } from "./openapi.ts";
import { type Route, topics } from "./routes.ts";

const problem = { $ref: "#/components/responses/Problem" };
const ndjson = (name: string) => ({
  "application/x-ndjson": { schema: { $ref: `#/components/schemas/${name}` } },
});

export const DOCUMENT: OpenApi = {
  info: { title: "seriald", version: "1.2.3", description: "Ports." },
  tags: [
    { name: "Ports", description: "which there are" },
    { name: "Server", description: "how it is" },
    { name: "Empty", description: "nothing" },
  ],
  paths: {
    "/api/v1/ports/{name}": {
      parameters: [{ name: "name", in: "path", required: true, description: "The port's name." }],
      get: {
        operationId: "showPort",
        tags: ["Ports"],
        summary: "Shows a port.",
        parameters: [
          { name: "from", in: "query" },
          { name: "q", in: "query", required: true, example: "panic" },
          { name: "seriald-name", in: "header" },
        ],
        responses: { 200: { description: "its state" }, default: problem },
      },
      patch: {
        operationId: "changePort",
        tags: ["Ports"],
        summary: "Changes a port.",
        description: "What is absent\nstays.",
        requestBody: {
          content: {
            "application/json": {
              schema: { $ref: "#/components/schemas/Change" },
              example: { text: "it's" },
            },
          },
        },
        responses: { 200: { description: "a line each", content: ndjson("Line") } },
      },
    },
    "/ws": {
      get: {
        operationId: "openLines",
        tags: ["Server"],
        summary: "Opens a WebSocket.",
        responses: { 101: { description: "it is open" } },
      },
    },
    "/session": {
      post: {
        operationId: "signIn",
        tags: ["Server"],
        summary: "Signs in.",
        security: [{}],
        responses: { 204: { description: "done" } },
      },
    },
    "/write": {
      put: {
        operationId: "write",
        tags: ["Server"],
        summary: "Writes.",
        requestBody: { content: { "application/octet-stream": {} } },
        responses: {},
      },
    },
  },
  components: {
    schemas: {
      Offset: { type: "integer", description: "A place." },
      Phase: { type: "string", enum: ["open", "closed"] },
      Change: {
        type: "object",
        required: ["phase"],
        properties: {
          at: { $ref: "#/components/schemas/Offset" },
          phase: { $ref: "#/components/schemas/Phase", description: "What\nit does." },
          lines: { oneOf: [{ $ref: "#/components/schemas/Line" }, { type: "null" }] },
          title: { type: ["string", "null"] },
          anything: {},
        },
      },
      Line: {
        oneOf: [
          { type: "object", description: "A hit.", properties: { length: { type: "integer" } } },
          {
            allOf: [
              { $ref: "#/components/schemas/Change" },
              { type: "object", properties: { type: { type: "string", enum: ["end"] } } },
            ],
          },
        ],
      },
    },
  },
};

/** A route of that document. */
export function route(id: string): Route {
  const all = topics(DOCUMENT).flatMap(({ routes }) => routes);
  const found = all.find((one) => one.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}
