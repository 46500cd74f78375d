import { expect, it } from "vitest";
import { address, curl, quoted } from "./curl.ts";
import { route } from "./fakes.ts";

const line = (id: string, values = {}, needsToken = false) =>
  curl("http://pi:80", route(id), values, needsToken);

it("fills in what a person said, and names or leaves out the rest", () => {
  const show = route("showPort");
  expect(address("", show, {})).toBe("/api/v1/ports/NAME?q=panic");
  const values = { name: "a b", from: "-10m", q: "ä&", "seriald-name": "job" };
  expect(address("", show, values)).toBe("/api/v1/ports/a%20b?from=-10m&q=%C3%A4%26");
});

it("writes what is sent as curl takes it", () => {
  expect(line("changePort", { name: "dev" })).toBe(
    `curl -sN -X PATCH --json '{"text":"it'\\''s"}' http://pi:80/api/v1/ports/dev`,
  );
  expect(line("write")).toBe("curl -s -X PUT --data-binary @FILE http://pi:80/write");
  expect(line("signIn")).toBe("curl -s -X POST http://pi:80/session");
});

it("names the token where one is needed, and never holds it", () => {
  expect(line("write", {}, true)).toContain('-H "Authorization: Bearer $SERIALD_TOKEN"');
  expect(line("signIn", {}, true)).not.toContain("Authorization");
});

it("quotes what a shell would take apart", () => {
  expect(quoted("http://a:1/b-c_d.e=f")).toBe("http://a:1/b-c_d.e=f");
  expect(quoted("a?b")).toBe("'a?b'");
  expect(quoted("$(rm)'")).toBe("'$(rm)'\\'''");
});
