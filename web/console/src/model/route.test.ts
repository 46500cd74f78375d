import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute, secretIn } from "./route.ts";

describe("a route", () => {
  it("comes back as it went", () => {
    for (const hash of [
      "#/",
      "#/port/arduino",
      "#/port/a%2Fb%20c?view=hex",
      "#/port/x?at=4096&view=lines",
      "#/port/x?view=panel%3AWeather+station",
      "#/port/x?view=page%3A%2Farm%2F",
    ]) {
      expect(formatRoute(parseRoute(hash))).toBe(hash);
    }
  });

  it("reads the port and the view", () => {
    const route = parseRoute("#/port/bench%3A1?view=lines");
    expect(route.port).toBe("bench:1");
    expect(route.view).toBe("lines");
  });

  it("keeps parameters it does not know", () => {
    expect(parseRoute("#/port/x?view=hex&at=12").rest.get("at")).toBe("12");
  });

  it.each(["", "#", "#/port/", "#/port/a/b", "#/port/%ff", "#elsewhere"])(
    "has no port in %j",
    (hash) => expect(parseRoute(hash).port).toBeNull(),
  );

  it("reads which panel or page is shown", () => {
    expect(parseRoute("#/port/x?view=panel:a:b").board).toEqual({ kind: "panel", name: "a:b" });
    expect(parseRoute("#/port/x?view=page:/arm/").board).toEqual({ kind: "page", name: "/arm/" });
    expect(parseRoute("#/port/x?view=panel:").board).toBeNull();
    expect(parseRoute("#/port/x?view=lines").board).toBeNull();
  });

  it("takes no view that does not exist", () => {
    expect(parseRoute("#/port/x?view=toString").view).toBeNull();
  });
});

describe("a ready link", () => {
  it("carries a token", () => expect(secretIn("#token=a%2Bb")).toEqual({ token: "a+b" }));
  it("carries what opens a share link", () =>
    expect(secretIn("#sh_0f")).toEqual({ share: "sh_0f" }));
  it.each(["#/port/token=x", "#token=", "", "#tokens=x", "#/port/sh_0f"])("is not %j", (hash) =>
    expect(secretIn(hash)).toBeNull(),
  );
});
