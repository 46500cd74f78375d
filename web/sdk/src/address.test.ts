// Where a server is looked for, from every place a page or a program can be.
import { describe, expect, it } from "vitest";
import { apiAddress, portOfPage, socketAddress } from "./address.ts";

const CHUNK = "http://pi.lan/assets/index-abc.js";

describe("socketAddress", () => {
  it.each([
    ["http://pi.lan:8080/", "ws://pi.lan:8080/api/v1/socket"],
    ["http://pi.lan:8080", "ws://pi.lan:8080/api/v1/socket"],
    ["https://example.org/lab/serial", "wss://example.org/lab/serial/api/v1/socket"],
    ["ws://[::1]:9/api/v1/socket", "ws://[::1]:9/api/v1/socket"],
  ])("of %s is %s", (url, address) => {
    expect(socketAddress(url, "file:///x/sdk.js", undefined)).toBe(address);
  });

  it("takes a relative url from the page", () => {
    expect(socketAddress("..", CHUNK, "https://pi.lan/a/b/")).toBe("wss://pi.lan/a/api/v1/socket");
  });

  it("is beside the page, whatever the prefix of a proxy", () => {
    for (const page of ["http://pi.lan/p/", "http://pi.lan/p/index.html", "http://pi.lan/p/#/x"]) {
      expect(socketAddress(undefined, CHUNK, page)).toBe("ws://pi.lan/p/api/v1/socket");
    }
  });

  it("is one level above the console", () => {
    expect(socketAddress(undefined, CHUNK, "http://pi.lan/p/console/?a=1")).toBe(
      "ws://pi.lan/p/api/v1/socket",
    );
  });

  it.each(["sdk.js", "sdk.js?v=1", "sdk.classic.js"])(
    "is beside the %s of a foreign page",
    (name) => {
      expect(socketAddress(undefined, `http://pi.lan/p/${name}`, "http://other/")).toBe(
        "ws://pi.lan/p/api/v1/socket",
      );
    },
  );

  it("must be given where there is no page", () => {
    expect(() => socketAddress(undefined, "file:///x/client.js", undefined)).toThrow("needs a url");
    expect(() => socketAddress("ftp://x/", "file:///x", undefined)).toThrow("begins with http");
  });
});

describe("apiAddress", () => {
  it("has the socket's host and prefix", () => {
    expect(apiAddress("wss://pi.lan/p/api/v1/socket?x=1", "ports")).toBe(
      "https://pi.lan/p/api/v1/ports",
    );
  });
});

describe("portOfPage", () => {
  it.each([
    ["?port=sensor", "sensor"],
    ["?a=1&port=my%20arm", "my arm"],
    ["?port=", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("of %j is %j", (search, port) => {
    expect(portOfPage(search)).toBe(port);
  });
});
