// What `npm run build` puts into the directory that it is given.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

const MOST_INITIAL_BYTES = { "index.html": 200_000, "api.html": 30_000 };
/** What the SDK exports. */
const NAMES = ["Client", "SerialdError", "connect", "hex", "jsonLines"];

let out: string;
let files: string[];
const read = (name: string) => readFileSync(join(out, name));

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "seriald-build-"));
  const { NODE_ENV: _, VITEST: __, ...env } = process.env;
  execFileSync(
    process.execPath,
    ["node_modules/vite/bin/vite.js", "build", "--outDir", out, "--emptyOutDir"],
    { env, stdio: "pipe" },
  );
  files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1));
}, 120_000);

afterEach(() => vi.unstubAllGlobals());
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** The scripts that a page loads before anything is shown. */
function initialScripts(page: string): string[] {
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, other] of read(name)
      .toString()
      .matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
      visit(`assets/${other}`);
    }
  };
  const html = read(page).toString();
  for (const [, name] of html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)) visit(name ?? "");
  return [...seen];
}

describe("the build", () => {
  it("has the page and the SDK at its root, and hashed names below assets", () => {
    const roots = files.filter((name) => !name.includes("/") && !/\.(gz|br)$/.test(name));
    expect(roots.sort()).toEqual(["api.html", "index.html", "sdk.classic.js", "sdk.js"]);
    for (const name of files.filter((name) => name.includes("/"))) {
      expect(name).toMatch(/^assets\/.+-[\w-]{8}\.\w+(\.\w+)?$/);
    }
  });

  it("has each text file in both compressed forms, byte for byte", () => {
    const texts = files.filter((name) => /\.(html|js|css|svg)$/.test(name));
    expect(texts.length).toBeGreaterThan(2);
    for (const name of texts) {
      expect(gunzipSync(read(`${name}.gz`)).equals(read(name))).toBe(true);
      expect(brotliDecompressSync(read(`${name}.br`)).equals(read(name))).toBe(true);
    }
  });

  it("works below any prefix and under a policy without inline scripts", () => {
    for (const name of ["index.html", "api.html"]) {
      const page = read(name).toString();
      for (const [, address] of page.matchAll(/(?:src|href)="([^"]*)"/g)) {
        expect(address).toMatch(/^\.\.?\//);
      }
      expect(page).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=/);
    }
  });

  it("has an SDK that imports nothing and is small", async () => {
    const sdk = read("sdk.js");
    expect(sdk.toString()).not.toMatch(/\bimport\s*[("{*]|^export\b.*\bfrom\s*"/m);
    expect(gzipSync(sdk).length).toBeLessThan(15_000);
    const module = await import(
      /* @vite-ignore */ `data:text/javascript;base64,${sdk.toString("base64")}`
    );
    expect(Object.keys(module).sort()).toEqual(NAMES);
  });

  it("has the same SDK as a plain script, which knows its server by its own address", () => {
    const code = read("sdk.classic.js").toString();
    const run = (src: string | undefined) => {
      const asked: string[] = [];
      class WebSocket {
        constructor(address: string) {
          asked.push(address);
        }
        addEventListener() {}
      }
      const currentScript = src === undefined ? null : { src };
      const baseURI = "http://pi.lan/pages/arm/";
      vi.stubGlobal("document", { currentScript, baseURI, addEventListener() {} });
      const seriald = new Function(`${code}; return seriald`)();
      seriald.connect({ WebSocket });
      return { names: Object.keys(seriald).sort(), asked };
    };
    const { names, asked } = run("http://pi.lan/serial/sdk.classic.js");
    expect(names).toEqual(NAMES);
    expect(asked).toEqual(["ws://pi.lan/serial/api/v1/socket"]);
    expect(run(undefined).asked).toEqual(["ws://pi.lan/pages/arm/api/v1/socket"]);
    expect(gzipSync(code).length).toBeLessThan(15_000);
  });

  it("loads at most 200 kB of script before a live terminal, and 30 kB for the page about routes", () => {
    for (const [page, most] of Object.entries(MOST_INITIAL_BYTES)) {
      const scripts = initialScripts(page);
      expect(scripts.length).toBeGreaterThan(0);
      const bytes = scripts.reduce((sum, name) => sum + read(`${name}.gz`).length, 0);
      expect(bytes).toBeLessThanOrEqual(most);
    }
  });

  it("has nothing in common between the console and the page about routes", () => {
    const console = new Set(initialScripts("index.html"));
    expect(initialScripts("api.html").filter((name) => console.has(name))).toEqual([]);
  });
});
