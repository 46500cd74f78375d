// The golden text messages, and hostile ones, against the readers.
import { describe, expect, it } from "vitest";
import talk from "../../../tests/wire/talk.json";
import { parsePages, parsePanels } from "./listing.ts";
import { parseHello, parseMessage, parseNote, parsePort, type Request } from "./talk.ts";

const said = talk.server.map((message) => parseMessage(JSON.stringify(message)));
const of = (type: string) => said.find((message) => message?.type === type) ?? { type };

describe("talk from the server", () => {
  it("is read, every message of it", () => {
    expect(said).toEqual(talk.server);
  });

  it("greets with everything that the contract names", () => {
    const { type: _, ...hello } = talk.server[0] ?? {};
    expect(parseHello(of("hello"))).toEqual(hello);
  });

  it("tells a port's whole state", () => {
    const ports = of("ports").ports as unknown[];
    expect(ports.length).toBe(2);
    expect(ports.map(parsePort)).toEqual(ports);
  });

  it("lists panels and pages", () => {
    const { panels } = of("panels");
    const { pages } = of("pages");
    expect(parsePanels(panels)).toEqual(panels);
    expect(parsePages(pages)).toEqual(pages);
    expect([panels, pages].flat().length).toBeGreaterThan(2);
  });

  it.each(["", "{", "null", "[]", "7", '"hello"', "{}", '{"type":7}'])("is not %s", (text) => {
    expect(parseMessage(text)).toBeNull();
  });

  it("keeps sane limits whatever a hello says", () => {
    for (const limit of [-1, 0, 1.5, 1e300, "9", null]) {
      const { limits } = parseHello({ type: "hello", limits: { write: limit, message: limit } });
      expect(limits).toEqual({ message: 1 << 20, write: 1 << 16, subscriptions: 256 });
    }
  });

  it("gives a port without a name no state, and one with only a name a resting one", () => {
    for (const value of [null, 1, [], {}, { name: "" }, { name: 7 }]) {
      expect(parsePort(value)).toBeNull();
    }
    const state = parsePort({ name: "x", viewers: [1, {}], journal: { oldest: 9, head: 3 } });
    expect(state?.settings.baud).toBe(115200);
    expect(state?.viewers).toEqual([{ client: "", name: "", from: "", door: "" }]);
    expect(state?.journal).toEqual({ id: 0, oldest: 9, head: 9, since: null });
    expect(state?.may).toEqual(["see", "type", "control", "administer"]);
    expect(parsePort({ name: "x", may: ["type", "see", "rule", 7] })?.may).toEqual(["see", "type"]);
    expect(parsePort({ name: "x", may: null })?.may).toEqual([]);
  });

  it("keeps the place of a damaged Note", () => {
    expect(parseNote("{")).toEqual({ what: "unreadable", text: "" });
    expect(parseNote('{"what":"mark","text":"here","by":7,"n":1}')).toEqual({
      what: "mark",
      text: "here",
      n: 1,
    });
  });
});

describe("talk from the client", () => {
  it("has a type for each golden message", () => {
    const types = new Set<Request["type"] | "credit">([
      "subscribe",
      "unsubscribe",
      "credit",
      "write",
      "cancel",
      "open",
      "release",
      "set",
      "lines",
      "doors",
      "break",
      "pulse",
      "mark",
      "moment",
      "request",
      "abort",
      "run",
      "use",
      "stop",
      "halt",
      "sent",
      "answer",
      "turn",
      "say",
      "key",
      "name",
      "ping",
    ]);
    expect(new Set(talk.client.map(({ type }) => type))).toEqual(types);
  });
});
