import { describe, expect, it } from "vitest";
import { pageAddress } from "./page-address.ts";

describe("the address of a page", () => {
  it.each([
    ["arm/", "http://pi/arm/?port=a+b"],
    ["/arm/", "http://pi/arm/?port=a+b"],
    ["/", "http://pi/?port=a+b"],
    ["x/y.html?z=1", "http://pi/x/y.html?z=1&port=a+b"],
  ])("of %j is %j", (path, address) =>
    expect(pageAddress(path, "a b", "http://pi/console/")).toBe(address),
  );

  it("is below the server's prefix", () =>
    expect(pageAddress("/arm/", "a", "http://pi/lab/console/#/port/a")).toBe(
      "http://pi/lab/arm/?port=a",
    ));

  it.each(["//evil.example/", "javascript:alert(1)", "http://evil.example/", "\\\\evil.example"])(
    "never leads to another server: %j",
    (path) =>
      expect(new URL(pageAddress(path, "a", "http://pi/console/")).origin).toBe("http://pi"),
  );
});
