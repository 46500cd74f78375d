// How long bytes take on the wire, so that a person knows before sending a file.
import type { LineSettings } from "seriald";

const DEFAULT_CHUNK = 1024;

/** Milliseconds for a number of bytes with the given line settings and pauses after each chunk. */
export function wireTime(
  bytes: number,
  settings: LineSettings,
  chunk: number,
  chunkDelay: number,
): number {
  const { baud, data_bits, parity, stop_bits } = settings;
  const bits = 1 + data_bits + (parity === "none" ? 0 : 1) + Number(stop_bits);
  const pauses = Math.max(0, Math.ceil(bytes / (chunk || DEFAULT_CHUNK)) - 1) * chunkDelay;
  return (bytes * bits * 1000) / baud + pauses;
}
