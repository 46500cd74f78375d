import type { FlashNews, FlashRun } from "seriald";
import { describe, expect, it } from "vitest";
import { endWords } from "./end-words.ts";
import { FlashWork } from "./flash-work.svelte.ts";

const COMMAND = { command: "esptool", title: "App", files: [], size: 9, seconds: 1 };
const RUN: FlashRun = {
  command: "esptool",
  title: "App",
  file: "a.bin",
  size: 1,
  sha256: "",
  by: "anna",
  since: 0,
  until: 0,
  ended: null,
};
const END = { why: "exit", code: 0, ms: 1500 };

async function* told(...news: (FlashNews | Error)[]): AsyncGenerator<FlashNews, void> {
  for (const each of news) {
    if (each instanceof Error) throw each;
    yield each;
  }
}

function workOf(latest: FlashRun | null, ...news: (FlashNews | Error)[]) {
  const asked: string[] = [];
  const work = new FlashWork({
    state: async () => ({ commands: [COMMAND], latest }),
    write: (command, name) => {
      asked.push(`write ${name} by ${command}`);
      return told(...news);
    },
    follow: (command) => {
      asked.push(`follow ${command}`);
      return told(...news);
    },
    stop: async (command) => void asked.push(`stop ${command}`),
  });
  return { work, asked };
}

const file = new File(["x"], "a.bin");

describe("a file on its way to a device", () => {
  it("is followed from its start to its end", async () => {
    const { work, asked } = workOf(
      null,
      { type: "started", run: RUN },
      { type: "output", text: "Writing (3 %)\r" },
      { type: "output", text: "Writing (50 %)\r" },
      { type: "ended", end: END },
    );
    await work.begin();
    expect([work.stage, work.commands]).toEqual(["choosing", [COMMAND]]);
    await work.write(COMMAND, file);
    expect(asked).toEqual(["write a.bin by esptool"]);
    expect([work.stage, work.run?.by, work.end]).toEqual(["ended", "anna", END]);
    expect([work.lines, work.percent]).toEqual([["Writing (50 %)"], 50]);
  });

  it("that somebody else has sent is followed, and can be stopped", async () => {
    const { work, asked } = workOf(RUN, { type: "gap", bytes: 7 });
    await work.begin();
    await work.stop();
    expect(asked).toEqual(["follow esptool", "stop esptool"]);
    expect(work.lines.join("\n")).toContain("7 bytes are missing");
  });

  it("that was refused can be sent again, with the reason told", async () => {
    const { work } = workOf(null, new Error("the device is not open"));
    await work.begin();
    await work.write(COMMAND, file);
    expect([work.stage, work.problem]).toEqual(["choosing", "the device is not open"]);
    work.again();
    expect(work.problem).toBeNull();
  });

  it("is still at work where the connection broke", async () => {
    const { work } = workOf(null, { type: "started", run: RUN }, new Error("it goes on"));
    await work.write(COMMAND, file);
    expect([work.stage, work.problem]).toEqual(["writing", "it goes on"]);
  });
});

it.each([
  [END, /^Done after \d+\s?s\.$/],
  [{ ...END, code: 2 }, /^Failed with exit code 2/],
  [{ why: "signal", code: null, signal: 9, ms: 0 }, /^Ended by signal 9/],
  [{ why: "stopped", code: null, by: "berta", ms: 0 }, /^Stopped by berta/],
  [{ why: "taken-back", code: null, ms: 0 }, /took the device back/],
  [{ why: "time", code: null, ms: 0 }, /time was over/],
  [{ why: "server", code: null, ms: 0 }, /with the server/],
])("An end of %j is told as %s", (end, words) => expect(endWords(end)).toMatch(words));
