// Copies of all that a page has of a port, made in slices so that the page goes on.
import { dumpText, hexPictureOf } from "./hex-picture.ts";
import { RX } from "./log.ts";
import type { PortStore } from "./port-store.ts";
import { decode, forClipboard, withoutEscapes } from "./text.ts";

const SLICE_BYTES = 1 << 20;
const SLICE_ROWS = 20_000;

/** The text that came in, without a terminal's commands; or a hex dump of both directions. */
export async function copyEverything(store: PortStore, asHex: boolean): Promise<string> {
  return asHex ? dumpOf(store) : textOf(store);
}

async function textOf({ log, lines }: PortStore): Promise<string> {
  const parts: string[] = [];
  const to = log.head;
  // Slices end where rows do, so that no character and no command is cut apart.
  for (let from = log.firstShown; from < to; ) {
    const row = lines.find(from + SLICE_BYTES);
    const end = row + 1 < lines.next ? Math.max(lines.row(row).offset, from + 1) : to;
    parts.push(forClipboard(withoutEscapes(decode(log.bytes(from, end, RX)))));
    from = end;
    await breath();
  }
  return parts.join("");
}

async function dumpOf({ log, hex }: PortStore): Promise<string> {
  const parts: string[] = [];
  const next = hex.next;
  for (let row = hex.first; row < next; row++) {
    parts.push(dumpText(hexPictureOf(log, hex.row(row), null), hex.columns));
    if (row % SLICE_ROWS === 0) await breath();
    // What was dropped meanwhile cannot be copied any more.
    row = Math.max(row, hex.first - 1);
  }
  return parts.join("\n");
}

function breath(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}
