// The whole SDK against a model server whose connections are cut at any moment.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Beginning } from "./channel-reader.ts";
import { type Client, type ConnectOptions, connect } from "./client.ts";
import type { SerialdError } from "./error.ts";
import type { SerialRecord } from "./record.ts";
import type { Sink } from "./subscription.ts";
import { chance, FakeServer, frame, join, settle } from "./testing/server.ts";

const utf8 = new TextDecoder();
let server: FakeServer;
let client: Client;

function start(options: ConnectOptions = {}): Client {
  client = connect({
    url: "http://model/",
    WebSocket: server.WebSocket,
    fetch: () => Promise.reject(new Error("no network here")),
    ...options,
  });
  return client;
}

/** Comes back after a lost connection, however long the delay. */
async function comeBack(): Promise<void> {
  await vi.advanceTimersByTimeAsync(6_000);
  await settle();
  expect(client.status).toBe("online");
}

/** A sink that keeps everything. */
class Kept implements Sink {
  readonly all: SerialRecord[] = [];
  readonly beginnings: Beginning[] = [];
  readonly errors: SerialdError[] = [];

  records(batch: readonly SerialRecord[]): void {
    this.all.push(...batch);
  }

  begin(beginning: Beginning): void {
    this.beginnings.push(beginning);
  }

  error(error: SerialdError): void {
    this.errors.push(error);
  }

  get text(): string {
    return this.all.map(({ kind, bytes }) => (kind === "rx" ? utf8.decode(bytes) : "")).join("");
  }

  get kinds(): string[] {
    return this.all.map(({ kind }) => kind);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

describe("a client", () => {
  it("is online only when it knows the ports", async () => {
    server.journal("a");
    const seen: string[] = [];
    start();
    expect(client.status).toBe("connecting");
    client.on("hello", () => seen.push(`hello ${client.status}`));
    client.on("status", (status) => seen.push(`${status} with ${client.ports.size}`));
    await settle();
    expect(seen).toEqual(["hello connecting", "online with 1"]);
    expect(client.hello?.client).toBe("c1");
  });

  it("offers the protocol, and the token beside it", async () => {
    start({ token: "secret" });
    await settle();
    expect(server.peer.protocols).toEqual(["seriald.v1", "bearer.secret"]);
  });

  it("says what is missing where there is no WebSocket", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => connect({ url: "http://model/" })).toThrow("package ws");
    vi.unstubAllGlobals();
  });

  it("sends what was asked before the greeting, then fails at once while offline", async () => {
    server.journal("a");
    start();
    const early = client.port("a").open();
    await settle();
    await expect(early).resolves.toBeUndefined();
    server.down = true;
    server.peer.cut();
    await settle();
    await expect(client.port("a").open()).rejects.toMatchObject({ code: "offline" });
  });

  it("tells when it tries again, later each time, never later than five seconds", async () => {
    server.down = true;
    start();
    const delays: number[] = [];
    client.on("status", () => delays.push((client.retryAt ?? 0) - Date.now()));
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.status).toBe("offline");
    expect(delays.length).toBeGreaterThan(10);
    expect(delays[0]).toBeLessThanOrEqual(250);
    for (const delay of delays) {
      expect(delay).toBeGreaterThan(100);
      expect(delay).toBeLessThanOrEqual(5_000);
    }
    expect(Math.max(...delays)).toBeGreaterThan(2_500);
    server.down = false;
    client.retry();
    await settle();
    expect(client.status).toBe("online");
    expect(client.retryAt).toBeNull();
  });

  it("gives up a server that accepts and says nothing", async () => {
    server.accept = () => {};
    start();
    await settle();
    expect(client.status).toBe("connecting");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.status).toBe("offline");
  });

  it("is refused without a token, and tries again only when told", async () => {
    server.down = true;
    start({ fetch: async () => new Response(null, { status: 401 }) });
    await settle();
    expect(client.status).toBe("refused");
    expect(client.error?.code).toBe("unauthorized");
    server.down = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.status).toBe("refused");
    client.retry();
    await settle();
    expect(client.status).toBe("online");
  });

  it("is refused when its right is taken away, and by another protocol", async () => {
    start();
    await settle();
    server.peer.cut(1008, "token revoked");
    await settle();
    expect([client.status, client.error?.message]).toEqual(["refused", "token revoked"]);
    server.accept = (peer) => peer.say({ type: "hello", protocol: 2 });
    client.retry();
    await settle();
    expect([client.status, client.error?.code]).toEqual(["refused", "protocol"]);
  });

  it("rejects what was under way when the connection is lost, and what comes after close", async () => {
    server.journal("a");
    server.answers.set("write", () => true);
    start();
    await settle();
    const write = client.port("a").write("x");
    const told = expect(write).rejects.toMatchObject({ code: "connection-lost" });
    server.peer.cut();
    await settle();
    await told;
    client.close();
    await expect(client.port("a").write("x")).rejects.toMatchObject({ code: "closed" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.peers.length).toBe(1);
  });

  it("keeps its name over connections", async () => {
    start({ name: "anna" });
    await settle();
    expect(server.peer.messages("name")).toMatchObject([{ name: "anna" }]);
    await client.rename("bob");
    expect(client.hello?.name).toBe("bob");
    server.peer.cut();
    await comeBack();
    expect(server.peer.messages("name")).toMatchObject([{ name: "bob" }]);
  });

  it("is known by the same secret over connections, and by another in another page", async () => {
    const key = () => server.peer.messages("key")[0]?.key;
    start();
    await settle();
    const first = key();
    server.peer.cut();
    await comeBack();
    expect(key()).toBe(first);
    start();
    await settle();
    expect(key()).not.toBe(first);
  });

  it("has the name that the server made of its own", async () => {
    server.answers.set("name", (peer, { id }) => {
      peer.say({ type: "done", id, name: "anna (bench)" });
      return true;
    });
    start({ name: "bench" });
    await settle();
    expect(client.hello?.name).toBe("anna (bench)");
  });

  it("tells each port that comes, changes or goes, also over a lost connection", async () => {
    server.journal("a");
    const seen: string[] = [];
    start();
    client.on("port", (state, name) =>
      seen.push(state ? `${name} ${state.state}` : `${name} gone`),
    );
    const watched: (string | undefined)[] = [];
    const stop = client.port("a").watch((state) => watched.push(state?.state));
    await settle();
    server.peer.say({ type: "port", port: { name: "b", state: "waiting" } });
    server.peer.say({ type: "port-gone", name: "b" });
    server.peer.say({ type: "port", port: { name: "a", state: "released" } });
    await settle();
    server.journals.clear();
    server.journal("c");
    server.peer.cut();
    await comeBack();
    stop();
    expect(seen).toEqual(["a open", "b waiting", "b gone", "a released", "c open", "a gone"]);
    expect(watched).toEqual([undefined, "open", "released", undefined]);
    expect([...client.ports.keys()]).toEqual(["c"]);
    expect(client.port("a")).toBe(client.port("a"));
  });

  it("goes on through an unknown message, and drops a connection that breaks the protocol", async () => {
    start();
    await settle();
    server.peer.say({ type: "weather", id: 1 });
    server.peer.say({ type: "error", code: "bad-message", message: "to nobody" });
    server.peer.say({ type: "done", id: 12345 });
    server.peer.say({ type: "done", id: "0" });
    await settle();
    expect(client.status).toBe("online");
    server.peer.sayText("}");
    await settle();
    expect([client.status, client.error?.code]).toEqual(["offline", "protocol"]);
  });

  it("notices a server that has gone without a word", async () => {
    start();
    await settle();
    await vi.advanceTimersByTimeAsync(100_000);
    expect([client.status, server.peers.length]).toEqual(["online", 1]);
    expect(server.peer.messages("ping").length).toBeGreaterThan(1);
    server.answers.set("ping", () => true);
    const gone = Date.now();
    const noticed: number[] = [];
    client.on("status", () => noticed.push(Date.now() - gone));
    await vi.advanceTimersByTimeAsync(45_000);
    expect(noticed[0]).toBeLessThanOrEqual(40_000);
    expect(server.peers.length).toBe(2);
  });

  it("survives a listener that throws", async () => {
    const thrown: unknown[] = [];
    const catcher = (error: unknown) => thrown.push(error);
    process.on("uncaughtException", catcher);
    start();
    const stop = client.on("status", () => {
      stop();
      throw new Error("mine");
    });
    await settle();
    expect(client.status).toBe("online");
    await vi.waitFor(() => expect(thrown).toMatchObject([{ message: "mine" }]));
    process.off("uncaughtException", catcher);
  });
});

describe("a subscription", () => {
  it("gives history, then what comes, and tells them apart", async () => {
    const journal = server.journal("a");
    journal.rx("old ");
    start();
    const kept = new Kept();
    const subscription = client.port("a").subscribe({ from: "oldest" }, kept);
    await settle();
    journal.rx("new");
    journal.append("tx", Uint8Array.of(1, 2), "anna");
    journal.append("note", new TextEncoder().encode('{"what":"mark","text":"m"}'));
    server.pump();
    await settle();
    expect(kept.beginnings).toEqual([{ from: 0, oldest: 0, head: 4, resumed: false }]);
    expect(kept.text).toBe("old new");
    expect(kept.all.map(({ live }) => live)).toEqual([false, true, true, true]);
    expect(kept.all[2]).toMatchObject({ kind: "tx", offset: 7, end: 9, author: "anna" });
    expect(kept.all[3]?.note?.what).toBe("mark");
    expect(subscription.next).toBe(journal.head);
  });

  it("loses nothing and doubles nothing over 100 drops", async () => {
    const pick = chance(7);
    const journal = server.journal("a");
    server.journal("other");
    start();
    const kept = new Kept();
    const other = new Kept();
    const subscription = client.port("a").subscribe({ from: 0, credit: 2_000 }, kept);
    client.port("other").subscribe({ from: 0 }, other);
    let whole = "";
    let otherWhole = "";
    for (let drops = 0; drops < 100; ) {
      const text = String.fromCharCode(...Array.from({ length: pick(60) }, () => 33 + pick(90)));
      if (pick(3) === 0) {
        journal.append("tx", new TextEncoder().encode(text), "b");
      } else {
        journal.rx(text);
        whole += text;
      }
      server.journal("other").rx(text);
      otherWhole += text;
      server.batch = 1 + pick(5);
      if (pick(2) === 0) server.pump();
      // Any number of turns, so that the cut falls between any two messages.
      for (let turns = pick(12); turns > 0; turns--) await Promise.resolve();
      if (pick(4) === 0 && server.peers.at(-1)?.alive) {
        server.peer.cut();
        drops += 1;
      }
      if (pick(3) === 0) await vi.advanceTimersByTimeAsync(pick(3_000));
    }
    await comeBack();
    server.pump();
    await settle();
    expect(server.peers.length).toBeGreaterThan(50);
    expect(kept.text).toBe(whole);
    expect(other.text).toBe(otherWhole);
    let next = 0;
    for (const record of kept.all) {
      expect(record.offset).toBe(next);
      next = record.end;
    }
    expect(next).toBe(journal.head);
    expect(subscription.next).toBe(journal.head);
    expect(kept.kinds).not.toContain("gap");
    expect(kept.beginnings.slice(1).every(({ resumed }) => resumed)).toBe(true);
  });

  it("tells a gap for what was lost while it was away", async () => {
    const journal = server.journal("a");
    journal.rx("one");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.cut();
    await settle();
    journal.rx("two");
    journal.rx("three");
    journal.trim(6);
    await comeBack();
    expect(kept.kinds).toEqual(["rx", "gap", "rx"]);
    expect(kept.all[1]).toMatchObject({ offset: 3, end: 6 });
    expect(kept.text).toBe("onethree");
  });

  it("begins anew, and says so, when the server's journal is shorter than its place", async () => {
    server.journal("a").rx("a long story");
    start();
    const kept = new Kept();
    const subscription = client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.cut();
    server.boot = "second";
    server.journals.clear();
    server.journal("a").rx("new");
    await comeBack();
    expect(kept.errors.map(({ code, detail }) => [code, detail])).toEqual([
      ["out-of-range", { oldest: 0, head: 3 }],
    ]);
    expect(server.peer.messages("subscribe")).toMatchObject([{ from: 12 }, { from: "oldest" }]);
    expect(kept.beginnings.at(-1)).toEqual({ from: 0, oldest: 0, head: 3, resumed: false });
    expect(kept.kinds).toEqual(["rx", "gap", "rx"]);
    expect(kept.all[1]).toMatchObject({ offset: 0, end: 0 });
    expect(kept.text).toBe("a long storynew");
    expect(subscription.next).toBe(3);
  });

  it("begins anew also when the server's new journal has already passed its place", async () => {
    server.journal("a").rx("short");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.cut();
    server.boot = "second";
    server.journals.clear();
    server.journal("a").rx("a new and longer one");
    await comeBack();
    expect(kept.kinds).toEqual(["rx", "gap", "rx"]);
    expect(kept.text).toBe("shorta new and longer one");
    expect(kept.errors.map(({ code }) => code)).toEqual(["out-of-range"]);
  });

  it("resumes when the server restarted with its journal", async () => {
    const journal = server.journal("a");
    journal.rx("one");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.cut();
    server.boot = "second";
    journal.rx("two");
    await comeBack();
    expect(kept.text).toBe("onetwo");
    expect(kept.kinds).toEqual(["rx", "rx"]);
  });

  it("returns credit only for what the sink has done with, in quarters of the window", async () => {
    const journal = server.journal("a");
    for (let i = 0; i < 100; i++) journal.rx("x".repeat(76));
    start();
    const finish: (() => void)[] = [];
    let taken = 0;
    client.port("a").subscribe(
      { from: 0, credit: 1_000 },
      {
        records(batch) {
          taken += batch.length;
          return new Promise((resolve) => finish.push(resolve));
        },
      },
    );
    await settle();
    // Each record counts 100 bytes with its header.
    expect(taken).toBe(10);
    finish.shift()?.();
    await settle();
    expect(server.peer.messages("credit")).toMatchObject([{ channel: 1, bytes: 400 }]);
    expect(taken).toBe(14);
    while (taken < 100 && finish.length > 0) {
      for (const done of finish.splice(0)) done();
      await settle();
    }
    expect(taken).toBe(100);
    for (const { bytes } of server.peer.messages("credit")) {
      expect(bytes).toBeGreaterThanOrEqual(250);
    }
  });

  it("gives a new connection no more credit than the sink has room", async () => {
    const journal = server.journal("a");
    for (let i = 0; i < 100; i++) journal.rx("x".repeat(76));
    start();
    let taken = 0;
    client.port("a").subscribe(
      { from: 0, credit: 1_000 },
      {
        records(batch) {
          taken += batch.length;
          return new Promise(() => {});
        },
      },
    );
    await settle();
    server.peer.cut();
    await comeBack();
    expect(server.peer.messages("subscribe")).toMatchObject([{ from: 760, credit: 0 }]);
    expect(taken).toBe(10);
  });

  it("returns credit although the sink throws", async () => {
    const thrown: unknown[] = [];
    const catcher = (error: unknown) => thrown.push(error);
    process.on("uncaughtException", catcher);
    const journal = server.journal("a");
    for (let i = 0; i < 20; i++) journal.rx("x".repeat(76));
    start();
    let calls = 0;
    const subscription = client.port("a").subscribe(
      { from: 0, credit: 400 },
      {
        records() {
          calls += 1;
          throw new Error("mine");
        },
      },
    );
    await settle();
    expect(subscription.next).toBe(journal.head);
    await vi.waitFor(() => expect(thrown.length).toBe(calls));
    process.off("uncaughtException", catcher);
  });

  it("waits for a port that is not there yet", async () => {
    start();
    const kept = new Kept();
    client.port("late").subscribe({ from: "oldest" }, kept);
    await settle();
    expect(kept.errors.map(({ code }) => code)).toEqual(["unknown-port"]);
    server.journal("late").rx("here");
    server.peer.say({ type: "port", port: server.state("late") });
    await settle();
    expect(kept.text).toBe("here");
  });

  it("takes what a port that went had left, and goes on when it comes back", async () => {
    const journal = server.journal("a");
    journal.rx("one");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.say({ type: "port-gone", name: "a" });
    journal.rx("two");
    server.pump();
    await settle();
    expect(kept.text).toBe("onetwo");
    journal.rx("three");
    server.peer.say({ type: "port", port: server.state("a") });
    await settle();
    expect(kept.text).toBe("onetwothree");
    expect(kept.kinds).toEqual(["rx", "rx", "rx"]);
    expect(server.peer.channels.size).toBe(1);
  });

  it("begins anew when its port comes back as another one", async () => {
    server.journal("a").rx("one");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.say({ type: "port-gone", name: "a" });
    server.journals.clear();
    server.journal("a").rx("another");
    server.peer.say({ type: "port", port: server.state("a") });
    await settle();
    expect(kept.kinds).toEqual(["rx", "gap", "rx"]);
    expect(kept.text).toBe("oneanother");
    expect(server.peer.channels.size).toBe(1);
  });

  it("begins anew once where the connection is lost between the refusal and the answer", async () => {
    server.journal("a").rx("one");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.cut();
    server.journals.clear();
    server.journal("a").rx("another");
    server.answers.set("subscribe", (peer, { from }) => {
      if (from !== "oldest") return false;
      server.answers.clear();
      peer.cut();
      return true;
    });
    await comeBack();
    expect(kept.errors.map(({ code }) => code)).toEqual(["out-of-range"]);
    expect(kept.kinds).toEqual(["rx", "gap", "rx"]);
    expect(kept.text).toBe("oneanother");
  });

  it("goes on at a place that a page kept, unless the journal is another one", async () => {
    const { id } = server.journal("a");
    server.journal("a").rx("one");
    start();
    const first = client.port("a").subscribe({ from: 0 }, new Kept());
    expect(first.journal).toBeUndefined();
    await settle();
    const { next: from, journal } = first;
    expect([from, journal]).toEqual([3, id]);
    first.close();
    server.journal("a").rx("two");
    const same = new Kept();
    client.port("a").subscribe({ from, journal }, same);
    await settle();
    expect(same.text).toBe("two");
    server.journals.clear();
    server.journal("a").rx("another");
    const other = new Kept();
    client.port("a").subscribe({ from, journal }, other);
    await settle();
    expect(other.errors.map(({ code }) => code)).toEqual(["out-of-range"]);
    expect(other.kinds).toEqual(["gap", "rx"]);
    expect(other.text).toBe("another");
  });

  it("asks once more on the next connection where it was forbidden, not before", async () => {
    server.journal("a").rx("x");
    server.answers.set("subscribe", (peer, { id }) => {
      peer.say({ type: "error", id, code: "forbidden", message: "no" });
      return true;
    });
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    server.peer.say({ type: "port", port: server.state("a") });
    await settle();
    expect(kept.errors.map(({ code }) => code)).toEqual(["forbidden"]);
    server.answers.clear();
    server.peer.cut();
    await comeBack();
    expect(kept.text).toBe("x");
  });

  it("brings nothing more once it is closed, even if the answer is still under way", async () => {
    const journal = server.journal("a");
    journal.rx("x");
    start();
    const kept = new Kept();
    await settle();
    client.port("a").subscribe({ from: 0 }, kept).close();
    const second = client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    expect(server.peer.channels.size).toBe(1);
    expect(kept.text).toBe("x");
    second.close();
    second.close();
    journal.rx("y");
    server.pump();
    await settle();
    expect(server.peer.channels.size).toBe(0);
    expect(kept.text).toBe("x");
    server.peer.cut();
    await comeBack();
    expect(server.peer.messages("subscribe")).toEqual([]);
  });

  it("cuts doubles off, and makes a gap of a hole that nobody told of", async () => {
    server.journal("a");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    const rx = (offset: number, text: string) =>
      frame(1, 1, offset, new TextEncoder().encode(text));
    server.peer.sayBytes(join([rx(0, "abc"), rx(0, "abc"), rx(2, "cd"), rx(9, "z"), rx(0, "")]));
    await settle();
    expect(kept.kinds).toEqual(["rx", "rx", "gap", "rx"]);
    expect(kept.text).toBe("abcdz");
    expect(kept.all[1]).toMatchObject({ offset: 3, end: 4 });
    expect(kept.all[2]).toMatchObject({ offset: 4, end: 9 });
  });

  it("does not take a kind it does not know for a hole", async () => {
    server.journal("a");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    const bytes = new TextEncoder().encode("xyz");
    server.peer.sayBytes(
      join([frame(1, 1, 0, bytes), frame(77, 1, 3, bytes), frame(1, 1, 6, bytes)]),
    );
    await settle();
    expect(kept.kinds).toEqual(["rx", "rx"]);
  });

  it("keeps what stood before a damaged record, reconnects and loses nothing", async () => {
    const journal = server.journal("a");
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 0 }, kept);
    await settle();
    journal.rx("good");
    server.peer.sayBytes(
      join([frame(1, 1, 0, new TextEncoder().encode("good")), Uint8Array.of(1, 2, 3)]),
    );
    await settle();
    expect([client.status, client.error?.code]).toEqual(["offline", "protocol"]);
    journal.rx(" more");
    await comeBack();
    expect(kept.text).toBe("good more");
  });

  it("ignores records of channels that it never had", async () => {
    start();
    await settle();
    server.peer.sayBytes(frame(1, 9, 0, Uint8Array.of(1)));
    await settle();
    expect(client.status).toBe("online");
  });

  it.each([
    { channel: 0 },
    { channel: 65536 },
    { channel: "1" },
    { from: -1 },
    { head: 1e300 },
    { journal: null },
  ])("drops a connection that answers with %o", async (wrong) => {
    server.journal("a");
    server.answers.set("subscribe", (peer, { id }) => {
      const good = { type: "subscribed", id, channel: 1, journal: 7, from: 0, oldest: 0, head: 0 };
      peer.say({ ...good, ...wrong });
      return true;
    });
    start();
    client.port("a").subscribe({ from: 0 }, new Kept());
    await settle();
    expect(client.error?.code).toBe("protocol");
  });

  it("gives the whole Note in which it begins", async () => {
    const journal = server.journal("a");
    journal.append("note", new TextEncoder().encode('{"what":"mark","text":"m"}'));
    start();
    const kept = new Kept();
    client.port("a").subscribe({ from: 5 }, kept);
    await settle();
    expect(kept.all).toMatchObject([{ kind: "note", offset: 0, end: journal.head }]);
  });
});
