// Panels, pages and alerts as a client tells them, whatever a server says.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, connect } from "./client.ts";
import type { Alert, PageListing, PanelListing } from "./listing.ts";
import { FakeServer, settle } from "./testing/server.ts";

const PANEL = {
  name: "weather",
  title: "Weather station",
  for: { usb: "2341:0043", serial: "5573" },
  ports: ["sensor"],
  version: "v1",
  stop: true,
  triggers: 2,
  problem: null,
};
const ALERT = {
  port: "sensor",
  panel: "weather",
  trigger: "hot",
  title: "Too hot",
  text: "It is 41 °C",
  offset: 9000,
  time: 1_763_838_000_000_000,
};

let server: FakeServer;
let client: Client;

beforeEach(async () => {
  server = new FakeServer();
  client = connect({ url: "http://model/", WebSocket: server.WebSocket });
  await settle();
});

afterEach(() => client.close());

async function say(message: object): Promise<void> {
  server.peer.say(message);
  await settle();
}

describe("panels", () => {
  it("are known by name as soon as the server tells them, and kept while offline", async () => {
    expect(client.panels.size).toBe(0);
    const told: PanelListing[][] = [];
    client.on("panels", (panels) => told.push([...panels.values()]));
    await say({ type: "panels", panels: [PANEL] });
    expect(told).toEqual([[PANEL]]);
    server.peer.cut();
    await settle();
    expect(client.panels.get("weather")).toEqual(PANEL);
  });

  it("have resting values where a server says something else, and no harm in their names", async () => {
    const hostile = JSON.parse(
      '[{"name": "__proto__", "ports": [1, "__proto__"], "stop": 1, "for": []}]',
    );
    await say({ type: "panels", panels: [...hostile, { name: 7 }, null, "x", {}] });
    expect([...client.panels]).toEqual([
      [
        "__proto__",
        {
          name: "__proto__",
          title: "__proto__",
          for: null,
          ports: ["__proto__"],
          version: "",
          stop: false,
          triggers: 0,
          problem: null,
        },
      ],
    ]);
    await say({ type: "panels", panels: 7 });
    expect(client.panels.size).toBe(0);
  });
});

describe("pages", () => {
  it("are told in the server's order", async () => {
    const page: PageListing = {
      path: "arm/",
      title: "Arm",
      for: { port: "arm*" },
      ports: ["arm1"],
      problem: null,
    };
    const told: (readonly PageListing[])[] = [];
    client.on("pages", (pages) => told.push(pages));
    await say({
      type: "pages",
      pages: [page, { title: "nowhere" }, { path: "x/", for: { usb: 7 } }],
    });
    expect(client.pages).toEqual([
      page,
      { path: "x/", title: "x/", for: null, ports: [], problem: null },
    ]);
    expect(told).toEqual([client.pages]);
  });
});

describe("an alert", () => {
  it("is told once, and one about no port is not", async () => {
    const told: Alert[] = [];
    client.on("alert", (alert) => told.push(alert));
    await say({ type: "alert", ...ALERT });
    await say({ type: "alert", ...ALERT, port: 7 });
    expect(told).toEqual([ALERT]);
  });
});

describe("a port without a name", () => {
  it("is the first one that the server has, as soon as that is known", async () => {
    server.journal("one").rx("hello\n");
    server.journal("two");
    const client = connect({ url: "http://model/", WebSocket: server.WebSocket });
    const port = client.port();
    expect(port.name).toBe("");
    const line = port.lines({ from: "oldest" })[Symbol.asyncIterator]().next();
    await port.open();
    expect(port.name).toBe("one");
    expect((await line).value?.text).toBe("hello");
    expect(server.peer.messages("open")).toMatchObject([{ port: "one" }]);
    expect(client.port()).toBe(port);
    client.close();
  });

  it("waits for one where the server has none yet, and a request says so", async () => {
    const port = client.port();
    const line = port.lines({ from: "oldest" })[Symbol.asyncIterator]().next();
    await expect(port.open()).rejects.toMatchObject({ code: "unknown-port" });
    server.journal("late").rx("hello\n");
    await say({ type: "port", port: server.state("late") });
    expect((await line).value?.text).toBe("hello");
    await port.open();
    expect(port.name).toBe("late");
  });

  it("fails where the server cannot be reached", async () => {
    server.down = true;
    const client = connect({ url: "http://model/", WebSocket: server.WebSocket });
    await expect(client.port().open()).rejects.toMatchObject({ code: "offline" });
    client.close();
  });
});
