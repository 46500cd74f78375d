import { expect, it } from "vitest";
import { DOCUMENT, route } from "./fakes.ts";
import { canBeTried, matching, short, topics } from "./routes.ts";

it("puts every route under its topic, in the topics' order", () => {
  const all = topics(DOCUMENT).map(({ name, routes }) => [name, routes.map(({ id }) => id)]);
  expect(all).toEqual([
    ["Ports", ["showPort", "changePort"]],
    ["Server", ["openLines", "signIn", "write"]],
    ["Empty", []],
  ]);
});

it("gives a route the parameters of its path, its texts in one line, and no errors", () => {
  expect(route("showPort").parameters.map(({ name }) => name)).toContain("name");
  expect(route("changePort").details).toBe("What is absent stays.");
  expect(route("showPort").answers.map(({ status }) => status)).toEqual(["200"]);
  expect([route("signIn").isPublic, route("write").isPublic]).toEqual([true, false]);
});

it("finds routes by words in any order, and leaves out topics without any", () => {
  const found = (words: string) => matching(topics(DOCUMENT), words).map(({ name }) => name);
  expect(found("")).toEqual(["Ports", "Server"]);
  expect(found("PORT  changes")).toEqual(["Ports"]);
  expect(found("put")).toEqual(["Server"]);
  expect(found("port gsp")).toEqual([]);
});

it("names a path by what tells it from others", () => {
  expect(short("/api/v1/ports/{name}/write")).toBe("/ports/…/write");
  expect(short("/api/v1/ports/{name}")).toBe("/ports/{name}");
  expect(short("/ws")).toBe("/ws");
});

it("tries what only reads", () => {
  const tried = ["showPort", "changePort", "openLines", "signIn"].filter((id) =>
    canBeTried(route(id)),
  );
  expect(tried).toEqual(["showPort"]);
});
