import { afterEach, describe, expect, it, vi } from "vitest";
import { bytesOf } from "../views/fakes.ts";
import { Save } from "./save.svelte.ts";

/** A file that a person picked. */
function picked() {
  const file = { text: "", closed: false, aborted: false };
  const target = new WritableStream<Uint8Array>({
    write: (chunk) => {
      file.text += new TextDecoder().decode(chunk);
    },
    close: () => {
      file.closed = true;
    },
    abort: () => {
      file.aborted = true;
    },
  });
  const names: string[] = [];
  vi.stubGlobal("window", {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
      names.push(suggestedName);
      return { createWritable: async () => target };
    },
  });
  return { file, names };
}

function served(answer: (signal: AbortSignal) => Response): void {
  vi.stubGlobal("fetch", async (_: string, { signal }: RequestInit) => answer(signal as never));
}

const endless = (signal: AbortSignal) => {
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    await new Promise((done) => setTimeout(done));
    if (signal.aborted) controller.error(signal.reason);
    else controller.enqueue(bytesOf("x"));
  };
  return new Response(new ReadableStream({ pull }));
};

describe("a file that is saved", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("goes to where the person says, counted", async () => {
    const { file, names } = picked();
    served(() => new Response("all of it"));
    const save = new Save();
    expect(await save.run("/history", "board.txt")).toBe(true);
    expect(file).toEqual({ text: "all of it", closed: true, aborted: false });
    expect([names, save.written, save.running]).toEqual([["board.txt"], 9, false]);
  });

  it("is thrown away when it is stopped", async () => {
    const { file } = picked();
    served(endless);
    const save = new Save();
    const run = save.run("/history", "board.txt");
    while (save.written < 5) await new Promise((done) => setTimeout(done));
    expect(save.running).toBe(true);
    save.stop();
    expect(await run).toBe(false);
    expect([file.closed, file.aborted, save.problem]).toEqual([false, true, null]);
  });

  it("is thrown away when it breaks off, and says so", async () => {
    const { file } = picked();
    served(() => {
      let pulls = 0;
      return new Response(
        new ReadableStream({
          pull: (controller) => {
            if (pulls++ > 2) controller.error(new TypeError("network error"));
            else controller.enqueue(bytesOf("x"));
          },
        }),
      );
    });
    const save = new Save();
    expect(await save.run("/history", "board.txt")).toBe(false);
    expect([file.closed, file.aborted, save.problem]).toEqual([false, true, "network error"]);
  });

  it("is measured before, and what is wrong is said in the server's words", async () => {
    const save = new Save();
    const { signal } = new AbortController();
    served(() => new Response(null, { headers: { "X-Seriald-Bytes": "4711" } }));
    await save.measure("/history", signal);
    expect(save.recorded).toBe(4711);
    served(() => Response.json({ detail: "no such offset" }, { status: 416 }));
    await save.measure("/history", signal);
    expect([save.recorded, save.problem]).toEqual([null, "no such offset"]);
  });
});
