// A port in words: what it is, how it is set, how it stands. Device strings are text and stay text.
import type { LineSettings, PortState } from "seriald";

/** How a condition is drawn: the colour says again what the word says. */
export type Tone = "ok" | "busy" | "warn" | "rest";

const WAITING = new Map([
  ["missing", "Not plugged in"],
  ["lost", "Unplugged"],
  ["busy", "In use elsewhere"],
  ["denied", "No permission"],
  ["not-a-tty", "Not a serial port"],
  ["io", "Device fails"],
]);

/** A port's condition in a word or three, and its tone. */
export function condition(port: PortState): { word: string; tone: Tone } {
  switch (port.state) {
    case "open":
      return port.held ? { word: "Held by device", tone: "warn" } : { word: "Open", tone: "ok" };
    case "opening":
      return { word: "Opening", tone: "busy" };
    case "waiting":
      return { word: WAITING.get(port.error?.code ?? "") ?? "Waiting", tone: "warn" };
    case "released":
      return { word: "Released", tone: "rest" };
    case "closed":
      return { word: "Closed", tone: "rest" };
  }
}

/** What the device calls itself, or else where it is. */
export function product(port: PortState): string {
  const usb = port.identity?.usb;
  const name = usb?.product?.trim();
  const maker = usb?.manufacturer?.trim();
  if (!name) return maker || port.path || port.device;
  return maker && !name.toLowerCase().includes(maker.toLowerCase()) ? `${maker} ${name}` : name;
}

const PARITY = { none: "N", even: "E", odd: "O", mark: "M", space: "S" };
const FLOW = { none: "", rtscts: " RTS/CTS", xonxoff: " XON/XOFF" };

/** Line settings as people say them: "115200 8N1". */
export function line(settings: LineSettings): string {
  const { baud, data_bits, parity, stop_bits, flow } = settings;
  return `${baud} ${data_bits}${PARITY[parity] ?? "?"}${stop_bits}${FLOW[flow] ?? ""}`;
}

/** The facts about a device, for the settings and for bug reports. */
export function facts(port: PortState): [name: string, value: string][] {
  const { identity } = port;
  const usb = identity?.usb;
  const all: [string, string | null | undefined][] = [
    ["Asked for", port.device],
    ["Now at", port.path],
    ["Product", usb?.product],
    ["Maker", usb?.manufacturer],
    ["VID:PID", usb?.vid && usb.pid && `${usb.vid}:${usb.pid}`],
    ["Serial", usb?.serial],
    ["Interface", usb?.interface],
    ["Driver", identity?.driver],
    ["By id", identity?.by_id],
    ["By path", identity?.by_path],
    ["Topology", identity?.topology],
  ];
  return all.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

/** The ports that are in use, in the server's order, and those that are only plugged in, by name. */
export function grouped(ports: Iterable<PortState>): { ours: PortState[]; found: PortState[] } {
  const onlyFound = (port: PortState) => port.found && port.state === "closed";
  const all = [...ports];
  return {
    ours: all.filter((port) => !onlyFound(port)),
    found: all
      .filter(onlyFound)
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
  };
}

/** One or two letters for a person. */
export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0]?.toUpperCase()).join("");
}
