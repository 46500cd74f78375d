// Requests to a device, macros and widgets, as the server hears them.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, connect } from "./client.ts";
import type { Port } from "./port.ts";
import { FakeServer, settle } from "./testing/server.ts";

let server: FakeServer;
let client: Client;
let port: Port;

beforeEach(async () => {
  server = new FakeServer();
  server.journal("a");
  client = connect({ url: "http://model/", WebSocket: server.WebSocket });
  port = client.port("a");
  await settle();
});

afterEach(() => client.close());

/** What was asked of a type, without its id and port. */
function asked(type: string): object[] {
  return server.peer.messages(type).map(({ type: _, id: __, port: ___, ...rest }) => rest);
}

function reply(words: object): void {
  server.answers.set("request", (peer, { id }) => {
    peer.say({ type: "done", id, ...words });
    return true;
  });
}

describe("a request to a device", () => {
  it("resolves with what came, and where the match is", async () => {
    const came = {
      text: "echo\r\nvolts: 4.8\r\n",
      match: ["volts: 4.8", "4.8", null],
      offset: 9,
      length: 10,
    };
    reply(came);
    expect(await port.request("v?\n", { until: "volts: (.*)( m)?" })).toEqual(came);
  });

  it("says what is written, what ends the reply, and how long it may take", async () => {
    reply({ text: "", match: [""], offset: 0, length: 0 });
    await port.request("v?\n");
    await port.request(Uint8Array.of(0xaa, 0x55), { until: /ok (\d+)/, timeout: 200 });
    await port.request(null, { until: /^ready.end$/is });
    await port.request(undefined, { until: "ready" });
    expect(asked("request")).toEqual([
      { text: "v?\n" },
      { hex: "aa55", until: "ok (\\d+)", case: true, timeout: 200 },
      { until: "(?s)^ready.end$", case: false },
      { until: "ready" },
    ]);
  });

  it("fails with what came where the reply did not", async () => {
    server.answers.set("request", (peer, { id }) => {
      peer.say({ type: "error", id, code: "timed-out", message: "nothing", text: "vol" });
      return true;
    });
    const told = { code: "timed-out", detail: { text: "vol" } };
    await expect(port.request("v?\n")).rejects.toMatchObject(told);
  });

  it("is waited for no longer than the signal says, by the server neither", async () => {
    server.answers.set("request", () => true);
    const stop = new AbortController();
    const told = expect(port.request("v?\n", { signal: stop.signal })).rejects.toBe("enough");
    port.request("w?\n", { signal: new AbortController().signal }).catch(() => {});
    await settle();
    stop.abort("enough");
    await told;
    await expect(port.request("v?\n", { signal: stop.signal })).rejects.toBe("enough");
    expect(asked("request").length).toBe(2);
    const first = server.peer.messages("request")[0];
    expect(asked("abort")).toEqual([{ request: first?.id }]);
  });

  it("is never sent where the signal comes before the connection", async () => {
    client.close();
    client = connect({ url: "http://model/", WebSocket: server.WebSocket });
    const stop = new AbortController();
    const asking = { signal: stop.signal };
    const told = expect(client.port("a").request("v?\n", asking)).rejects.toBe("enough");
    stop.abort("enough");
    await told;
    await settle();
    expect(asked("request")).toEqual([]);
  });

  it("that was answered is not aborted any more", async () => {
    reply({ text: "", match: [""], offset: 0, length: 0 });
    const stop = new AbortController();
    await port.request("v?\n", { signal: stop.signal });
    stop.abort();
    await settle();
    expect(asked("abort")).toEqual([]);
  });

  it.each([
    { match: ["x"], offset: 0 },
    { match: "x", offset: 0, length: 1 },
    { match: ["x"], offset: -1, length: 1 },
  ])("believes no reply such as %j", async (words) => {
    reply(words);
    await expect(port.request("v?\n")).rejects.toMatchObject({ code: "protocol" });
  });
});

describe("a macro", () => {
  it("is one of steps, or a panel's", async () => {
    await port.run([{ send: "a\n" }, { delay: 100 }]);
    await port.run({ panel: "arm", macro: "home" });
    expect(asked("run")).toEqual([
      { steps: [{ send: "a\n" }, { delay: 100 }] },
      { panel: "arm", macro: "home" },
    ]);
  });

  it("fails with the step that did", async () => {
    server.answers.set("run", (peer, { id }) => {
      peer.say({ type: "error", id, code: "failed", message: "it did not come", step: 2 });
      return true;
    });
    const told = { code: "failed", detail: { step: 2 } };
    await expect(port.run([{ wait: "ok" }])).rejects.toMatchObject(told);
  });

  it.each(["before", "after"])("is stopped by a signal that comes %s its number", async (when) => {
    let start = () => {};
    server.answers.set("run", (peer, { id }) => {
      start = () => peer.say({ type: "started", id, run: 3 });
      return true;
    });
    const stop = new AbortController();
    const told = expect(port.run([], { signal: stop.signal })).rejects.toBe("enough");
    await settle();
    if (when === "after") start();
    await settle();
    stop.abort("enough");
    await told;
    if (when === "before") start();
    await settle();
    expect(asked("stop")).toEqual([{ run: 3 }]);
  });

  it("is stopped by its number, and all are halted at once", async () => {
    await port.stop(7);
    await port.halt();
    expect(asked("stop")).toEqual([{ run: 7 }]);
    expect(asked("halt")).toEqual([{}]);
  });
});

describe("a widget", () => {
  it("is used with its value, or with none", async () => {
    await port.use("arm", "speed", 0);
    await port.use("arm", "name", "");
    await port.use("arm", "lamp", false);
    await port.use("arm", "home");
    expect(asked("use")).toEqual([
      { panel: "arm", widget: "speed", value: 0 },
      { panel: "arm", widget: "name", value: "" },
      { panel: "arm", widget: "lamp", value: false },
      { panel: "arm", widget: "home" },
    ]);
  });
});
