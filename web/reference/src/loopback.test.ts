import { expect, it } from "vitest";
import { isLoopback } from "./loopback.ts";

it("knows this machine by each of its names, and no other", () => {
  expect(["localhost", "127.0.0.1", "127.1.2.3", "[::1]"].filter(isLoopback)).toHaveLength(4);
  expect(["pi.lan", "127.0.0.1.evil.example", "10.0.0.1", ""].filter(isLoopback)).toEqual([]);
});
