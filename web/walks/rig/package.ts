// The SDK as npm publishes it: built, packed, and unpacked into a program's folder.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../..", import.meta.url));

interface Packed {
  tarball: string;
  files: string[];
}

let packed: Packed | null = null;

/** Builds and packs it, once for all walks. */
function pack(): Packed {
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: WEB, encoding: "utf8" });
  npm("run", "build:sdk");
  const folder = mkdtempSync(join(tmpdir(), "seriald-sdk-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [{ filename, files }] = JSON.parse(
    npm("pack", "./sdk", "--json", "--pack-destination", folder),
  ) as [{ filename: string; files: { path: string }[] }];
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/** Puts the package, and `ws` for Node without a WebSocket, into `folder`/node_modules; answers the files that are in it. */
export function install(folder: string): string[] {
  packed ??= pack();
  const target = join(folder, "node_modules", "seriald-sdk");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", packed.tarball, "-C", target, "--strip-components=1"]);
  for (const name of ["ws", "@types"])
    symlinkSync(join(WEB, "node_modules", name), join(folder, "node_modules", name));
  return packed.files;
}
