import type { PageListing, PanelListing } from "seriald";
import { describe, expect, it } from "vitest";
import type { Console } from "../model/console.svelte.ts";
import { Boards, isSame } from "./boards.svelte.ts";
import { Editor } from "./editor/editor.svelte.ts";

const panel = (name: string, part: Partial<PanelListing> = {}): PanelListing => ({
  name,
  title: name,
  for: null,
  ports: ["arm"],
  version: "1",
  stop: false,
  triggers: 0,
  problem: null,
  ...part,
});

function boards(panels: PanelListing[], pages: PageListing[] = []): Boards {
  const console = {
    client: {},
    panels: new Map(panels.map((each) => [each.name, each])),
    pages,
  } as unknown as Console;
  return new Boards(console, () => {});
}

function editor(name: string, home: string): Editor {
  const fresh = { seriald: 1 as const, title: "New", widgets: [], macros: [], triggers: [] };
  return new Editor({} as never, { name, home, panel: fresh, version: null });
}

describe("the tabs of a port", () => {
  it("are its panels and its pages, nobody else's", () => {
    const page = { path: "arm/", title: "Page", for: null, ports: ["arm"], problem: null };
    const all = boards([panel("a"), panel("b", { ports: ["other"], problem: "x" })], [page]);
    expect(all.of("arm").map(({ title }) => title)).toEqual(["a", "Page"]);
    expect(all.of("other")).toMatchObject([{ title: "b", isWrong: true }]);
  });

  it("are also the panels that are being made, until they are saved", () => {
    const all = boards([panel("a")]);
    all.edit(editor("new", "arm"));
    expect(all.of("arm")).toMatchObject([{ title: "a" }, { title: "New", isUnsaved: true }]);
    expect(all.of("other")).toEqual([]);
    all.leave("new");
    expect(all.of("arm")).toHaveLength(1);
  });

  it("have a panel once that is edited", () => {
    const all = boards([panel("a")]);
    all.edit(editor("a", "arm"));
    expect(all.of("arm")).toMatchObject([{ title: "a", isUnsaved: true }]);
  });
});

describe("the emergency stop of a port", () => {
  const all = boards([
    panel("none"),
    panel("first", { stop: true }),
    panel("second", { stop: true }),
    panel("elsewhere", { stop: true, ports: ["other"] }),
  ]);
  it("is that of the panel that is shown", () =>
    expect(all.stopOf("arm", { kind: "panel", name: "second" })?.name).toBe("second"));
  it.each([
    null,
    { kind: "panel" as const, name: "none" },
    { kind: "page" as const, name: "second" },
  ])("is that of the first that has one beside %j", (shown) =>
    expect(all.stopOf("arm", shown)?.name).toBe("first"),
  );
  it("is none where there is none", () => expect(all.stopOf("sensor", null)).toBeNull());
});

it("Boards are the same by kind and name", () => {
  expect(isSame(null, null)).toBe(true);
  expect(isSame({ kind: "panel", name: "a" }, { kind: "panel", name: "a" })).toBe(true);
  expect(isSame({ kind: "panel", name: "a" }, { kind: "page", name: "a" })).toBe(false);
  expect(isSame({ kind: "panel", name: "a" }, null)).toBe(false);
});
