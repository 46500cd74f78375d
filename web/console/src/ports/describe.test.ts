import type { PortState } from "seriald";
import { describe, expect, it } from "vitest";
import { condition, facts, grouped, initials, line, product } from "./describe.ts";

const IDENTITY = {
  path: null,
  by_id: null,
  by_path: null,
  topology: null,
  usb: null,
  driver: null,
};
const USB = {
  vid: "2341",
  pid: "0043",
  serial: null,
  manufacturer: null,
  product: null,
  interface: null,
};

const port = (fields: Partial<PortState>): PortState => ({
  name: "p",
  device: "/dev/ttyS0",
  found: false,
  path: null,
  identity: null,
  state: "closed",
  since: 0,
  error: null,
  settings: {
    baud: 9600,
    data_bits: 7,
    parity: "even",
    stop_bits: "1.5",
    flow: "none",
    dtr: "leave",
    rts: "leave",
    hangup: false,
  },
  actual: null,
  lines: null,
  errors: null,
  held: false,
  queued: 0,
  recording: {
    records: "all",
    state: "on",
    bytes: 0,
    files: 1,
    stored: 0,
    lost: 0,
    problem: null,
  },
  journal: { id: 1, oldest: 0, head: 0, since: null },
  total: { rx: 0, tx: 0 },
  rate: { rx: 0, tx: 0 },
  viewers: [],
  answerer: null,
  doors: { rfc2217: [], tcp: [] },
  running: [],
  may: ["see"],
  lent: null,
  ...fields,
});

describe("a port in words", () => {
  it("says why it waits", () => {
    const error = { code: "busy", message: "", retry: null };
    expect(condition(port({ state: "waiting", error }))).toEqual({
      word: "In use elsewhere",
      tone: "warn",
    });
  });
  it("waits for a reason that is not known yet", () => {
    const error = { code: "toString", message: "", retry: null };
    expect(condition(port({ state: "waiting", error })).word).toBe("Waiting");
  });
  it("says when the device holds back", () => {
    expect(condition(port({ state: "open", held: true })).word).toBe("Held by device");
  });

  it("names the maker unless the product does", () => {
    const usb = { ...USB, manufacturer: "FTDI", product: "FT232R USB UART" };
    expect(product(port({ identity: { ...IDENTITY, usb } }))).toBe("FTDI FT232R USB UART");
    const uno = { ...USB, manufacturer: "Arduino", product: "Arduino Uno" };
    expect(product(port({ identity: { ...IDENTITY, usb: uno } }))).toBe("Arduino Uno");
  });
  it("names the path where the device says nothing", () => {
    expect(product(port({ path: "/dev/ttyUSB1" }))).toBe("/dev/ttyUSB1");
    expect(product(port({}))).toBe("/dev/ttyS0");
  });

  it("writes line settings as people say them", () => {
    expect(line(port({}).settings)).toBe("9600 7E1.5");
    expect(line({ ...port({}).settings, flow: "rtscts" })).toBe("9600 7E1.5 RTS/CTS");
  });

  it("tells only facts that are known", () => {
    expect(facts(port({ identity: { ...IDENTITY, usb: USB, driver: "ftdi_sio" } }))).toEqual([
      ["Asked for", "/dev/ttyS0"],
      ["VID:PID", "2341:0043"],
      ["Driver", "ftdi_sio"],
    ]);
  });
});

describe("the list of ports", () => {
  it("sets apart what is only plugged in, counted as people do, and keeps the order of the rest", () => {
    const { ours, found } = grouped([
      port({ name: "usb10", found: true }),
      port({ name: "usb9", found: true }),
      port({ name: "usb2", found: true, state: "open" }),
      port({ name: "board" }),
    ]);
    expect(ours.map((p) => p.name)).toEqual(["usb2", "board"]);
    expect(found.map((p) => p.name)).toEqual(["usb9", "usb10"]);
  });
});

describe("initials", () => {
  it.each([
    ["anna", "A"],
    ["Anna Maria Berg", "AB"],
    ["ops@bench", "OB"],
    ["", "?"],
    ["😀x", "😀"],
  ])("of %j are %s", (name, letters) => expect(initials(name)).toBe(letters));
});
