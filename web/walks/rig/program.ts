// The program that is walked through: SERIALD_BIN, or what Cargo has built.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BUILT = ["release", "debug"].map((profile) =>
  fileURLToPath(new URL(`../../../target/${profile}/seriald`, import.meta.url)),
);

/** The path of the program; throws with the way out where there is none. */
export function program(): string {
  const named = process.env.SERIALD_BIN;
  const found = named ? [named].find(existsSync) : BUILT.find(existsSync);
  if (found) return found;
  throw new Error(
    named
      ? `SERIALD_BIN=${named}: there is no such file`
      : "There is no seriald to walk through: run `cargo build` first, or name one in SERIALD_BIN",
  );
}
