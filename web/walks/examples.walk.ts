// Every example in code of the SDK's page, of the pages about pages, REST and values, run as it stands there.

import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type Example, examples } from "./rig/examples.ts";
import { NodeProgram } from "./rig/node-program.ts";
import { install } from "./rig/package.ts";
import { Process } from "./rig/process.ts";
import { program } from "./rig/program.ts";
import type { Server } from "./rig/server.ts";
import { walk } from "./rig/walk.ts";

const PAGES = ["web/sdk/README.md", "docs/pages.md", "docs/rest.md", "docs/values.md"];
const ALL = PAGES.flatMap((page) => examples(page).map((example) => ({ page, ...example })));
const JQUERY = fileURLToPath(new URL("../node_modules/jquery/dist/jquery.js", import.meta.url));

/** What the examples say of a server that they only suppose. */
const at = (server: Server, code: string) => code.replaceAll("localhost:8080", server.url.host);

const named = (language: string) => ALL.filter((example) => example.language === language);

/** The module that an example is a part of: `client`, `port` and what is the reader's own are there. */
function whole(server: Server, code: string): string {
  if (code.includes("const client =")) return `${code}\nconsole.log("THE END");`;
  const imports = code.match(/^import .*$/gm)?.join("\n") ?? "";
  return `import { connect } from "seriald-sdk";
    ${imports}
    const client = connect({ url: "${server.url}" });
    const port = client.port("sensor");
    await new Promise((told) => client.on("ports", told));
    const [draw, take, gauge] = [console.log, console.log, console.log];
    { ${code.replace(/^import .*$/gm, "")} }
    console.log("THE END");`;
}

/** What an example of that kind must say: one that never ends says something, and so does one that draws. */
function saying(code: string): RegExp {
  if (/for await .*\.(lines|values)\(/.test(code)) return /./;
  return code.includes("draw(") ? /^(?!THE END).+$[\s\S]*THE END|THE END\n.+/m : /THE END/;
}

walk.for(named("js").filter(({ code }) => !code.includes("$(")))(
  "$page: $name runs in Node",
  async ({ code }, { rig }) => {
    install(rig.folder);
    const server = await rig.demo();
    const node = new NodeProgram(rig.folder, at(server, whole(server, code)));
    rig.ends(() => node.close());
    await node.says(saying(code));
  },
);

/** What a page does when it works. */
const WORKS: Record<string, (page: Page) => Promise<void>> = {
  async "A page 1"(page) {
    await expect.poll(() => page.locator("#log").textContent()).toContain("temp:");
    await page.locator("#line").fill("led on");
    await page.locator("#line").press("Enter");
    await expect.poll(() => page.locator("#log").textContent()).toContain("ok: led on");
    expect(await page.locator("#line").inputValue()).toBe("");
  },
  async "With the SDK 1"(page) {
    await WORKS["A page 1"]?.(page);
  },
  async "A classic page 1"(page) {
    await expect.poll(() => page.locator("#temp").textContent()).toMatch(/^\d+(\.\d+)? °C$/);
    await page.locator("#on").click();
    await expect.poll(() => page.locator("#on").textContent()).toBe("on");
  },
  async "The tutorial dialect 1"(page) {
    await expect.poll(() => page.locator("#messages").textContent()).toContain("connected");
    await page.locator("#text").fill("led on");
    await page.locator("#send").click();
    await expect.poll(() => page.locator("#messages").textContent()).toContain("temp:");
  },
};

/** The script that stands under the same heading and belongs to a page. */
const script = ({ name }: Example) => ALL.find((other) => other.name === name.replace(/1$/, "2"));

walk.for(named("html").filter(({ code }) => code.startsWith("<!doctype html>")))(
  "$page: $name works in a browser",
  async (example, { rig }) => {
    const www = join(rig.folder, "www");
    mkdirSync(www);
    const server = await rig.demo("--www", www);
    const file = (name: string, code: string) => {
      mkdirSync(dirname(join(www, name)), { recursive: true });
      writeFileSync(join(www, name), at(server, code));
    };
    file("page/index.html", example.code);
    file("page/static/main.js", script(example)?.code ?? "");
    const visitor = await rig.visitor();
    // The page has no icon, and the browser looks for one.
    visitor.expect(/favicon\.ico/);
    await visitor.context.route("https://code.jquery.com/**", (route) =>
      route.fulfill({ path: JQUERY }),
    );
    const { page } = await visitor.open(new URL("page/", server.url).href);
    const works = WORKS[example.name];
    if (!works) throw new Error(`nobody has said what the page of ${example.name} does`);
    await works(page);
  },
);

walk.for(named("sh").filter(({ code }) => code.startsWith("curl")))(
  "$page: $name runs in a shell",
  async ({ code }, { rig }) => {
    const server = await rig.demo();
    writeFileSync(join(rig.folder, ".curlrc"), "fail\n");
    const env = {
      ...process.env,
      CURL_HOME: rig.folder,
      PATH: `${dirname(program())}:${process.env.PATH}`,
      SERIALD_SERVER: server.url.href,
    };
    await promisify(execFile)("bash", ["-e", "-o", "pipefail", "-c", at(server, code)], { env });
  },
);

walk.for(named("py"))("$page: $name runs in Python", async ({ code }, { rig, skip }) => {
  const interpreter = process.env.SERIALD_PYTHON ?? "python3";
  const missing = spawnSync(interpreter, ["-c", "import websockets"]).status !== 0;
  skip(missing, `${interpreter} has no module websockets`);
  const server = await rig.demo();
  const python = new Process(interpreter, ["-u", "-c", at(server, code)]);
  rig.ends(() => python.kill("SIGKILL"));
  expect(await python.firstLine()).toMatch(/^b'/);
});
