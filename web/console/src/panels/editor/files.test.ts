import { describe, expect, it } from "vitest";
import { foreignPanel } from "./files.ts";

describe("a panel from elsewhere", () => {
  it("is for the port that it came to, with its triggers off", () => {
    const json = '{"seriald":1,"title":"x","triggers":[{"id":"t","on":true,"when":{},"do":[]}]}';
    const panel = foreignPanel(json, "arm");
    expect(panel.for).toEqual({ port: "arm" });
    expect(panel.triggers[0]?.on).toBe(false);
    expect(panel.widgets).toEqual([]);
  });

  it("is for whom it says", () =>
    expect(foreignPanel('{"seriald":1,"title":"x","for":{"usb":"2341:0043"}}', "arm").for).toEqual({
      usb: "2341:0043",
    }));

  it.each(["", "{", "[]", "7", "null", '{"seriald":2}', '{"title":"x"}', " ".repeat(300_000)])(
    "is refused where it is none",
    (json) => expect(() => foreignPanel(json, "arm")).toThrow(),
  );

  it("has no entries that are none", () =>
    expect(foreignPanel('{"seriald":1,"title":"x","widgets":[null,7,"a"]}', "a").widgets).toEqual(
      [],
    ));
});
