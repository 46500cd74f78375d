import { describe, expect, it } from "vitest";
import { expand, takesValue, templateFault } from "./template.ts";

describe("a template", () => {
  it.each([
    ["fan {value}\n", 21.5, "fan 21.5\n"],
    ["{value:2}", 2.71999, "2.72"],
    ["{value:03}", 7, "007"],
    ["{value:x}", 255, "ff"],
    ["{value:02x}", 10, "0a"],
    ['{{"fan":{value}}}', 5, '{"fan":5}'],
    ["say {value}", "a\u001bb\n", "say ab"],
    ["no place", 1, "no place"],
  ])("%j with %j is sent as %j", (template, value, sent) => {
    expect(expand(template, value)).toBe(sent);
  });

  it.each([
    ["a {", 2],
    ["a } b", 2],
    ["x {speed}", 2],
    ["{value:99}", 0],
  ])("%j is wrong at character %i", (template, at) => {
    expect(templateFault(template)?.at).toBe(at);
    expect(expand(template, 1)).toBeNull();
  });

  it("may have other places where somebody says so", () => {
    expect(templateFault("{port}: {line}", ["line", "port"])).toBeNull();
    expect(templateFault("{port}: {line}")).not.toBeNull();
  });

  it("knows whether it takes a value", () => {
    expect(takesValue("fan {value}")).toBe(true);
    expect(takesValue("{{value}}")).toBe(false);
  });
});
