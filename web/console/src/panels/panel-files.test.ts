import type { Client } from "seriald";
import { expect, it, vi } from "vitest";
import { PanelFiles } from "./panel-files.svelte.ts";

function rig() {
  const get = vi.fn<() => Promise<unknown>>();
  const files = new PanelFiles({ panel: () => ({ get }) } as unknown as Client);
  return { files, get };
}

it("A panel is read once for each version", async () => {
  const { files, get } = rig();
  get.mockResolvedValue({ panel: { title: "one" }, version: "1" });
  expect(files.get("a")).toEqual({ state: "loading" });
  await files.read({ name: "a", version: "1" });
  await files.read({ name: "a", version: "1" });
  expect(get).toHaveBeenCalledTimes(1);
  expect(files.get("a")).toMatchObject({ state: "read", panel: { title: "one" } });
});

it("What is here stays until the new version is, and a late answer does not undo it", async () => {
  const { files, get } = rig();
  get.mockResolvedValueOnce({ panel: { title: "one" }, version: "1" });
  await files.read({ name: "a", version: "1" });
  let late = (_: unknown) => {};
  get.mockReturnValueOnce(new Promise((done) => (late = done)));
  const slow = files.read({ name: "a", version: "2" });
  expect(files.get("a")).toMatchObject({ panel: { title: "one" } });
  get.mockResolvedValueOnce({ panel: { title: "three" }, version: "3" });
  await files.read({ name: "a", version: "3" });
  late({ panel: { title: "two" }, version: "2" });
  await slow;
  expect(files.get("a")).toMatchObject({ panel: { title: "three" } });
});

it("What could not be read is read again when it is asked for again", async () => {
  const { files, get } = rig();
  get.mockRejectedValueOnce(new Error("offline"));
  await files.read({ name: "a", version: "1" });
  expect(files.get("a")).toMatchObject({ state: "failed" });
  get.mockResolvedValueOnce({ panel: { title: "one" }, version: "1" });
  await files.read({ name: "a", version: "1" });
  expect(files.get("a")).toMatchObject({ state: "read" });
});
