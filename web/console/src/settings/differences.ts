// Where the driver does something else than it was asked for.
import type { LineSettings } from "seriald";

const NAMES: Record<keyof LineSettings, string> = {
  baud: "baud rate",
  data_bits: "data bits",
  parity: "parity",
  stop_bits: "stop bits",
  flow: "flow control",
};

/** A sentence for each setting that is not in force as asked. */
export function differences(asked: LineSettings, actual: LineSettings | null): string[] {
  if (!actual) return [];
  return (Object.keys(NAMES) as (keyof LineSettings)[])
    .filter((key) => asked[key] !== actual[key])
    .map(
      (key) =>
        `Asked for ${NAMES[key]} ${asked[key]}; the device runs at ${actual[key]}${error(key, asked, actual)}.`,
    );
}

function error(key: keyof LineSettings, asked: LineSettings, actual: LineSettings): string {
  if (key !== "baud") return "";
  const percent = (100 * (actual.baud - asked.baud)) / asked.baud;
  return ` (${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %)`;
}
