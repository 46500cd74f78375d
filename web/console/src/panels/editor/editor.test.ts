import { type Client, type Panel, SerialdError } from "seriald";
import { describe, expect, it, vi } from "vitest";
import { Editor } from "./editor.svelte.ts";
import { KINDS } from "./kinds.ts";

const PANEL: Panel = {
  seriald: 1,
  title: "x",
  widgets: [{ id: "t", type: "value", at: [0, 0, 3, 2], follow: "temp", unit: "C" }],
  macros: [],
  triggers: [],
};

function rig(version: string | null = "1") {
  const file = { put: vi.fn(async () => "2"), get: vi.fn(), delete: vi.fn(async () => {}) };
  const client = { panel: () => file } as unknown as Client;
  return { editor: new Editor(client, { name: "x", home: "arm", panel: PANEL, version }), file };
}

const button = KINDS.find(({ fresh }) => fresh.type === "button") ?? expect.unreachable();

describe("a panel that is changed", () => {
  it("gets a widget where there is room, and shows its form", () => {
    const { editor } = rig();
    editor.add(button.fresh, button.size);
    expect(editor.widget).toMatchObject({ type: "button", id: "button", at: [3, 0, 3, 1] });
    expect(editor.side).toBe("widget");
    editor.duplicate("button");
    expect(editor.widget?.id).toBe("button-2");
    editor.remove("button-2");
    expect(editor.widget).toBeNull();
  });

  it("loses a field that is emptied", () => {
    const { editor } = rig();
    editor.changeWidget("t", { unit: undefined, title: "T" });
    expect(editor.panel.widgets[0]).toEqual({
      id: "t",
      type: "value",
      at: [0, 0, 3, 2],
      follow: "temp",
      title: "T",
    });
  });

  it("comes back step by step, the letters of a word as one", () => {
    const { editor } = rig();
    for (const title of ["T", "Te", "Tem"]) editor.changeWidget("t", { title });
    editor.move("t", [6, 0, 3, 2]);
    expect(editor.isChanged).toBe(true);
    editor.undo();
    expect(editor.panel.widgets[0]).toMatchObject({ at: [0, 0, 3, 2], title: "Tem" });
    editor.undo();
    expect(editor.panel).toEqual(PANEL);
    expect([editor.isChanged, editor.canUndo, editor.canRedo]).toEqual([false, false, true]);
    editor.redo();
    expect(editor.panel.widgets[0]?.title).toBe("Tem");
  });

  it("shows what is wrong with it", () => {
    const { editor } = rig();
    editor.changeWidget("t", { follow: "" });
    editor.choose(null);
    editor.showProblem();
    expect([editor.side, editor.chosen]).toEqual(["widget", "t"]);
  });
});

describe("saving", () => {
  it("keeps what is there, if it is still what was opened", async () => {
    const { editor, file } = rig();
    editor.change({ title: "y" });
    expect(await editor.save()).toBe(true);
    expect(file.put).toHaveBeenCalledWith(editor.panel, { version: "1" });
    expect(editor.isChanged).toBe(false);
  });

  it("of a new panel takes nothing else's place", async () => {
    const { editor, file } = rig(null);
    expect(editor.isChanged).toBe(true);
    await editor.save();
    expect(file.put).toHaveBeenCalledWith(PANEL, { version: null });
    expect(editor.isNew).toBe(false);
  });

  it("asks where somebody else was faster; theirs can be looked at and undone", async () => {
    const { editor, file } = rig();
    editor.change({ title: "mine" });
    file.put.mockRejectedValueOnce(new SerialdError("changed", "x was changed meanwhile"));
    expect(await editor.save()).toBe(false);
    expect(editor.conflict).toBe(true);
    file.get.mockResolvedValueOnce({ panel: { ...PANEL, title: "theirs" }, version: "7" });
    await editor.takeTheirs();
    expect([editor.panel.title, editor.conflict, editor.isChanged]).toEqual([
      "theirs",
      false,
      false,
    ]);
    editor.undo();
    await editor.save();
    expect(file.put).toHaveBeenLastCalledWith(expect.objectContaining({ title: "mine" }), {
      version: "7",
    });
  });

  it("says why not", async () => {
    const { editor, file } = rig();
    file.put.mockRejectedValueOnce(new SerialdError("bad-panel", "widgets[0].follow: no"));
    await editor.save();
    expect([editor.refusal, editor.conflict]).toEqual(["widgets[0].follow: no", false]);
  });
});
