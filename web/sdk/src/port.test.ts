// Requests and writes of a port, as the server hears them.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, connect } from "./client.ts";
import { toHex } from "./hex.ts";
import type { Port } from "./port.ts";
import { FakeServer, settle } from "./testing/server.ts";

let server: FakeServer;
let client: Client;
let port: Port;

const nothing = { records() {} };

beforeEach(async () => {
  server = new FakeServer();
  server.journal("a");
  client = connect({ url: "http://model/", WebSocket: server.WebSocket });
  port = client.port("a");
  await settle();
});

afterEach(() => client.close());

describe("a write", () => {
  it("is text or hex without a subscription", async () => {
    expect(await port.write("ü\r")).toEqual({ offset: 7, length: 1 });
    await port.write(Uint8Array.of(0, 255), { answer: true });
    expect(server.peer.messages("write")).toMatchObject([
      { port: "a", text: "ü\r" },
      { port: "a", hex: "00ff", answer: true },
    ]);
  });

  it("is binary over a subscription's channel, and text again when that is closed", async () => {
    const subscription = port.subscribe({ from: "now" }, nothing);
    await settle();
    expect(await port.write("ü", { answer: true })).toEqual({ offset: 0, length: 2 });
    subscription.close();
    await port.write("x");
    const [binary] = server.peer.heard.filter((message) => message instanceof Uint8Array);
    expect(toHex(binary as Uint8Array)).toMatch(/^10010100........c3bc$/);
    expect(server.peer.messages("write").length).toBe(1);
  });

  it("that is to be remembered says what the person typed, over JSON", async () => {
    port.subscribe({ from: "now" }, nothing);
    await port.write("led on\r\n", { remember: "led on" });
    expect(server.peer.messages("write")).toMatchObject([
      { text: "led on\r\n", remember: "led on" },
    ]);
  });

  it("never goes over another port's channel", async () => {
    server.journal("b");
    client.port("b").subscribe({ from: "now" }, nothing);
    await settle();
    await port.write("x");
    expect(server.peer.messages("write")).toMatchObject([{ port: "a", text: "x" }]);
  });

  it("over the server's limit is refused before it is sent", async () => {
    const told = { code: "too-large", detail: { limit: 65536 } };
    await expect(port.write("é".repeat(32769))).rejects.toMatchObject(told);
    await expect(port.write("é".repeat(32768))).resolves.toBeDefined();
  });

  it("keeps the bytes of a text with a lone surrogate and a byte order mark", async () => {
    await port.write("\ufeff\ud800x");
    expect(server.peer.messages("write")).toMatchObject([{ text: "\ufeff\ufffdx" }]);
  });

  it("gets its own answer, in whatever order answers come, over 70,000 ids", async () => {
    const held: number[] = [];
    server.answers.set("binary", (_peer, { id }) => {
      held.push(id as number);
      return true;
    });
    port.subscribe({ from: "now" }, nothing);
    await settle();
    const writes = Array.from({ length: 70_000 }, () => port.write("x"));
    await settle();
    expect(new Set(held).size).toBe(70_000);
    for (const id of held.reverse()) {
      server.peer.say({ type: "written", id, offset: 2 * id, length: 1 });
    }
    const offsets = (await Promise.all(writes)).map(({ offset }) => offset);
    expect(offsets).toEqual(held.toReversed().map((id) => 2 * id));
  }, 30_000);

  it("rejects with the server's code and numbers", async () => {
    server.answers.set("write", (peer, { id }) => {
      peer.say({ type: "error", id, code: "cancelled", message: "cancelled", written: 3 });
      return true;
    });
    await expect(port.write("hello")).rejects.toMatchObject({
      name: "SerialdError",
      code: "cancelled",
      message: "cancelled",
      detail: { written: 3 },
    });
  });
});

describe("a request", () => {
  it("says what it is about", async () => {
    await port.open();
    await port.release();
    await port.setLines({ dtr: false });
    await port.setDoors({ rfc2217: "4000" });
    await port.setDoors({ tcp: null });
    await port.sendBreak();
    await port.sendBreak(500);
    await port.pulse("arduino-reset");
    await port.cancel();
    await port.answer();
    await port.turn("ask");
    await port.turn("give", "c9");
    await port.say("I power-cycle it now");
    expect(
      server.peer.heard.map((message) => {
        const { id: _, ...rest } = message as Record<string, unknown>;
        return rest;
      }),
    ).toEqual([
      { type: "key", key: expect.stringMatching(/^[0-9a-f]{32}$/) },
      { type: "open", port: "a" },
      { type: "release", port: "a" },
      { type: "lines", port: "a", dtr: false },
      { type: "doors", port: "a", rfc2217: "4000" },
      { type: "doors", port: "a", tcp: null },
      { type: "break", port: "a" },
      { type: "break", port: "a", ms: 500 },
      { type: "pulse", port: "a", sequence: "arduino-reset" },
      { type: "cancel", port: "a" },
      { type: "answer", port: "a" },
      { type: "turn", port: "a", act: "ask" },
      { type: "turn", port: "a", act: "give", to: "c9" },
      { type: "say", port: "a", text: "I power-cycle it now" },
    ]);
  });

  it("resolves with what was asked for", async () => {
    server.answers.set("set", (peer, { id }) => {
      peer.say({ type: "done", id, actual: { baud: 9615 } });
      return true;
    });
    server.answers.set("sent", (peer, { id }) => {
      peer.say({ type: "done", id, entries: ["one", 2, "three"] });
      return true;
    });
    server.answers.set("doors", (peer, { id }) => {
      peer.say({ type: "done", id, doors: { rfc2217: ["127.0.0.1:4000"], tcp: [] } });
      return true;
    });
    expect(await port.setDoors({ rfc2217: "0" })).toEqual({ rfc2217: ["127.0.0.1:4000"], tcp: [] });
    expect(await port.set({ baud: 9600 })).toEqual({ baud: 9615 });
    expect(await port.sent()).toEqual(["one", "three"]);
  });

  it("larger than any message that the server takes does not end the connection", async () => {
    await expect(port.pulse("x".repeat(2 << 20))).rejects.toMatchObject({ code: "too-large" });
    expect(client.status).toBe("online");
  });
});

describe("send", () => {
  const written = () => server.peer.messages("write").map(({ hex }) => hex);

  it("sends all bytes in chunks, in order, and tells how far it is", async () => {
    const progress: number[][] = [];
    await port.send(Uint8Array.of(1, 2, 3, 4, 5), {
      chunk: 2,
      progress: (...numbers) => progress.push(numbers),
    });
    expect(written()).toEqual(["0102", "0304", "05"]);
    expect(progress).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
  });

  it("awaits each chunk", async () => {
    server.answers.set("write", () => true);
    void port.send("abcd", { chunk: 1 }).catch(() => {});
    await settle();
    expect(written().length).toBe(1);
  });

  it("stops after each line for devices that are slow", async () => {
    vi.useFakeTimers();
    const sent = port.send("a\nbcd\r\ne\rf", { chunk: 2, lineDelay: 100 });
    const counts: number[] = [];
    for (let step = 0; step < 5; step++) {
      await settle();
      counts.push(written().length);
      await vi.advanceTimersByTimeAsync(100);
    }
    await sent;
    vi.useRealTimers();
    expect(written()).toEqual(["610a", "6263", "640d", "0a", "650d", "66"]);
    expect(counts).toEqual([1, 4, 5, 6, 6]);
  });

  it("tries again while the queue is full", async () => {
    vi.useFakeTimers();
    let full = 3;
    server.answers.set("write", (peer, { id }) => {
      if (full === 0) return false;
      full -= 1;
      peer.say({ type: "error", id, code: "queue-full", message: "full", taken: 0 });
      return true;
    });
    const sent = port.send("ab", { chunk: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    await sent;
    vi.useRealTimers();
    expect(written()).toEqual(["61", "61", "61", "61", "62"]);
  });

  it("stops when told, and throws away what the device has not taken", async () => {
    server.answers.set("write", () => true);
    server.answers.set("cancel", (peer, { id }) => {
      const [write] = peer.messages("write");
      peer.say({ type: "error", id: write?.id, code: "cancelled", message: "cancelled" });
      peer.say({ type: "done", id });
      return true;
    });
    const stop = new AbortController();
    const sent = port.send("abcd", { chunk: 1, signal: stop.signal });
    const told = expect(sent).rejects.toMatchObject({ name: "AbortError" });
    await settle();
    stop.abort();
    await told;
    expect(server.peer.messages("cancel").length).toBe(1);
    expect(written().length).toBe(1);
  });

  it("tells how much was sent before it failed", async () => {
    let writes = 0;
    server.answers.set("write", (peer) => {
      writes += 1;
      if (writes === 3) peer.cut();
      return writes === 3;
    });
    await expect(port.send("abcdef", { chunk: 2 })).rejects.toMatchObject({
      code: "connection-lost",
      detail: { sent: 4, total: 6 },
    });
  });
});
