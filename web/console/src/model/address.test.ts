import { describe, expect, it } from "vitest";
import { serverUrl } from "./address.ts";

describe("the server's address", () => {
  it.each([
    ["http://host/", "/api"],
    ["http://host/index.html#/port/x", "/api"],
    ["http://host/console/", "/api"],
    ["https://host/lab/serial/?x=a/b", "/lab/serial/api"],
    ["https://host/lab/console/", "/lab/api"],
    ["https://host/myconsole/", "/myconsole/api"],
  ])("beside %s is %s", (page, url) => expect(serverUrl("api", page)).toBe(url));
});
