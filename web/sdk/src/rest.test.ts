// Panels and charts over HTTP, with the socket's address and token.
import { afterEach, describe, expect, it } from "vitest";
import { type Client, connect } from "./client.ts";
import type { Panel } from "./panel.ts";
import { FakeServer } from "./testing/server.ts";

const PANEL: Panel = { seriald: 1, title: "Arm", widgets: [], macros: [], triggers: [] };

let client: Client;
let asked: Request[];

/** A client whose server gives these answers over HTTP. */
function start(...answers: (() => Response)[]): Client {
  asked = [];
  client = connect({
    url: "https://pi.lan/lab/",
    token: "secret",
    WebSocket: new FakeServer().WebSocket,
    fetch: async (address, init) => {
      asked.push(new Request(address, init));
      const answer = answers.shift();
      if (!answer) throw new TypeError("no network");
      return answer();
    },
  });
  return client;
}

afterEach(() => client.close());

const json =
  (value: unknown, init: ResponseInit = {}) =>
  () =>
    Response.json(value, init);
const tagged = (version: string) => ({ headers: { etag: `"${version}"` } });

describe("a panel on the server", () => {
  it("is got with its version, with the token, at the server's prefix", async () => {
    const panel = start(json(PANEL, tagged("v1"))).panel("my arm");
    expect(await panel.get()).toEqual({ panel: PANEL, version: "v1" });
    expect(asked[0]?.url).toBe("https://pi.lan/lab/api/v1/panels/my%20arm");
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer secret");
  });

  it("has its lists, also where the file leaves them out", async () => {
    const panel = start(json({ seriald: 1, title: "Arm", widgets: [null, 7] }, tagged("v1"))).panel(
      "a",
    );
    expect((await panel.get()).panel).toEqual(PANEL);
  });

  it("is changed under the name that others see", async () => {
    const panel = start(json(null, tagged("v2"))).panel("a");
    await client.rename("Änna");
    await panel.put(PANEL);
    const header = asked[0]?.headers.get("seriald-name") ?? "";
    expect(Buffer.from(header, "latin1").toString()).toBe("Änna");
  });

  it.each([null, [], { seriald: 2 }, "text"])("is not %j", async (value) => {
    await expect(start(json(value)).panel("a").get()).rejects.toMatchObject({ code: "bad-panel" });
  });

  it("is put over a version, over nothing, or over whatever is there", async () => {
    const ok = json(null, tagged("v2"));
    const panel = start(ok, ok, ok).panel("a");
    expect(await panel.put(PANEL, { version: "v1" })).toBe("v2");
    await panel.put(PANEL, { version: null });
    await panel.put(PANEL);
    const conditions = asked.map(({ method, headers }) => [
      method,
      headers.get("if-match"),
      headers.get("if-none-match"),
    ]);
    expect(conditions).toEqual([
      ["PUT", '"v1"', null],
      ["PUT", null, "*"],
      ["PUT", null, null],
    ]);
    expect(await asked[0]?.json()).toEqual(PANEL);
  });

  it("is deleted", async () => {
    await start(() => new Response(null, { status: 204 }))
      .panel("a")
      .delete();
    expect(asked[0]?.method).toBe("DELETE");
  });

  it("fails with what the server says, and with its status where that says nothing", async () => {
    const problem = { title: "Precondition Failed", code: "changed", detail: "meanwhile", at: "x" };
    const panel = start(
      json(problem, { status: 412 }),
      () => new Response("<h1>", { status: 502 }),
    ).panel("a");
    await expect(panel.put(PANEL)).rejects.toMatchObject({
      code: "changed",
      message: "meanwhile",
      detail: { status: 412, at: "x" },
    });
    await expect(panel.get()).rejects.toMatchObject({ code: "http-502" });
    await expect(panel.get()).rejects.toMatchObject({ code: "offline" });
  });
});

describe("a chart", () => {
  const CHART = {
    from: 0,
    to: 1000,
    step: 10,
    journal: 7,
    head: 48213,
    series: [
      {
        name: "__proto__",
        unit: "°C",
        count: 3,
        last: null,
        at: [0, 3, 4],
        low: [1, 2, 3],
        high: [4, null, 6],
        low_at: [10, 20, 30],
        high_at: [10, 20],
        breaks: [2, 5, 8],
      },
      7,
    ],
    breaks: [17],
    readings: 3,
    ignored: 1,
  };

  it("has arrays of one length for each series", async () => {
    const chart = await start(json(CHART)).port("a/b").chart();
    expect(asked[0]?.url).toBe("https://pi.lan/lab/api/v1/ports/a%2Fb/values?");
    const { series, ...rest } = chart;
    expect(rest).toEqual({ ...CHART, series: undefined, breaks: Uint32Array.of(17) });
    expect(series).toEqual([
      {
        name: "__proto__",
        unit: "°C",
        count: 3,
        last: Number.NaN,
        at: Uint32Array.of(0, 3),
        low: Float64Array.of(1, 2),
        high: Float64Array.of(4, Number.NaN),
        low_at: Float64Array.of(10, 20),
        high_at: Float64Array.of(10, 20),
        breaks: Uint32Array.of(2, 5, 8),
      },
    ]);
  });

  it("is asked for by places, points, parser and series", async () => {
    await start(json(CHART))
      .port("a")
      .chart({
        from: -2000,
        to: { time: 1_795_377_000_123_456 },
        journal: 7,
        points: 800,
        parser: { type: "json" },
        series: ["temp", "a,b"],
      });
    const { searchParams } = new URL(asked[0]?.url ?? "");
    expect(Object.fromEntries(searchParams)).toEqual({
      from: "-2000",
      to: "@1795377000123456",
      journal: "7",
      points: "800",
      parser: '{"type":"json"}',
      series: "temp,a\\,b",
    });
  });

  it("without its place is not believed", async () => {
    const asking = start(json({ ...CHART, head: -1 }))
      .port("a")
      .chart();
    await expect(asking).rejects.toMatchObject({ code: "protocol" });
  });

  it("stops with its signal", async () => {
    const stop = new AbortController();
    stop.abort("enough");
    const asking = start().port("a").chart({ signal: stop.signal });
    await expect(asking).rejects.toBe("enough");
  });
});
