// Files that are written by commands of the server, as its answers tell.
import { afterEach, describe, expect, it } from "vitest";
import { type Client, connect } from "./client.ts";
import type { FlashNews } from "./flasher.ts";
import { FakeServer } from "./testing/server.ts";

let client: Client;
let asked: Request[];

function flasherOf(...answers: Response[]) {
  asked = [];
  const { WebSocket } = new FakeServer();
  client = connect({
    url: "http://pi/",
    WebSocket,
    fetch: async (address, init) => {
      asked.push(new Request(address, init));
      return answers.shift() ?? new Response(null, { status: 404 });
    },
  });
  return client.port("the board").flasher;
}

afterEach(() => client.close());

const lines = (...values: unknown[]) =>
  new Response(values.map((value) => `${value ? JSON.stringify(value) : ""}\n`).join(""));

async function all(news: AsyncIterable<FlashNews>): Promise<FlashNews[]> {
  const told: FlashNews[] = [];
  for await (const each of news) told.push(each);
  return told;
}

const RUN = {
  command: "esptool",
  title: "Application",
  file: "blink.bin",
  size: 3,
  sha256: "ab",
  by: "anna",
  since: 1,
  until: 2,
};

describe("a file that is written", () => {
  it("is sent whole, and told of from its start to its end", async () => {
    const flasher = flasherOf(
      lines(
        { type: "started", ...RUN, path: "/dev/ttyUSB0" },
        null,
        { type: "output", text: "Writing (3 %)\r" },
        { type: "gap", bytes: 4096 },
        { type: "something new" },
        { type: "ended", why: "exit", code: 0, ms: 12 },
        { type: "output", text: "nothing comes behind it" },
      ),
    );
    const told = await all(flasher.write("esptool", "blink & co.bin", Uint8Array.of(1, 2, 3)));
    expect(told).toEqual([
      { type: "started", run: { ...RUN, ended: null } },
      { type: "output", text: "Writing (3 %)\r" },
      { type: "gap", bytes: 4096 },
      { type: "ended", end: { why: "exit", code: 0, ms: 12 } },
    ]);
    const [request] = asked;
    expect([request?.method, request?.url]).toEqual([
      "POST",
      "http://pi/api/v1/ports/the%20board/flash/esptool?file=blink+%26+co.bin",
    ]);
    expect([...new Uint8Array((await request?.arrayBuffer()) ?? [])]).toEqual([1, 2, 3]);
  });

  it("is told of to others, and stopped by them", async () => {
    const end = { why: "stopped", code: null, signal: 15, by: "berta", ms: 7 };
    const flasher = flasherOf(
      lines({ type: "ended", ...end }),
      new Response(null, { status: 204 }),
    );
    expect(await all(flasher.follow("esptool"))).toEqual([{ type: "ended", end }]);
    await flasher.stop("esptool");
    expect(asked.map(({ method }) => method)).toEqual(["GET", "DELETE"]);
  });

  it("goes on where the answer breaks off, and that is told", async () => {
    const flasher = flasherOf(lines({ type: "output", text: "Wri" }), new Response('{"type":'));
    const reading = all(flasher.follow("esptool"));
    await expect(reading).rejects.toMatchObject({ code: "connection-lost" });
    await expect(all(flasher.follow("esptool"))).rejects.toMatchObject({ code: "connection-lost" });
  });

  it("is refused in the server's words", async () => {
    const problem = { code: "too-many", detail: "blink.bin is being written by anna" };
    const flasher = flasherOf(Response.json(problem, { status: 409 }));
    const writing = all(flasher.write("esptool", "a.bin", new Blob(["x"])));
    await expect(writing).rejects.toMatchObject({
      code: "too-many",
      message: "blink.bin is being written by anna",
    });
  });
});

describe("the state of a port's flasher", () => {
  it("has its commands and the latest file", async () => {
    const command = { command: "esptool", title: "App", files: [".bin"], size: 9, seconds: 300 };
    const ended = { why: "exit", code: 2, ms: 5 };
    const flasher = flasherOf(
      Response.json({ commands: [command, 7, { command: "x" }], latest: { ...RUN, ended } }),
    );
    const { commands, latest } = await flasher.state();
    expect(commands[0]).toEqual(command);
    expect(commands[1]).toMatchObject({ title: "x", files: [] });
    expect(latest).toEqual({ ...RUN, ended });
  });

  it("is empty where the server says nothing that makes sense", async () => {
    expect(await flasherOf(new Response("<h1>")).state()).toEqual({ commands: [], latest: null });
  });
});
