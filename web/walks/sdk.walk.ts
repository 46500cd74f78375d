// The SDK's package, built and packed, in programs of Node against the real server.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { NodeProgram } from "./rig/node-program.ts";
import { install } from "./rig/package.ts";
import type { Server } from "./rig/server.ts";
import { walk } from "./rig/walk.ts";

const TSC = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** Waits until the server has its device. */
async function isOpen(server: Server): Promise<void> {
  const state = async () => {
    const response = await fetch(new URL("api/v1/ports/board", server.url));
    return ((await response.json()) as { state: string }).state;
  };
  await expect.poll(state).toBe("open");
}

walk("The package has what a program needs, and its types resolve", async ({ rig }) => {
  const files = install(rig.folder);
  expect(files).toContain("README.md");
  expect(files).toContain("dist/index.js");
  expect(files).toContain("dist/index.d.ts");
  expect(files.filter((path) => /test|testing|\.ts$/.test(path.replace(/\.d\.ts$/, "")))).toEqual(
    [],
  );

  writeFileSync(
    join(rig.folder, "program.mts"),
    `import { type Client, connect, type Panel, SerialdError } from "seriald-sdk";
     import WebSocket from "ws";
     const client: Client = connect({ url: "http://pi.lan/", WebSocket });
     const panel: Panel = { seriald: 1, title: "x", widgets: [], macros: [], triggers: [] };
     for await (const { values } of client.port().values({ parser: ["json", { type: "regex", pattern: "x" }] }))
       console.log(values.temp?.toFixed(1), panel.title, SerialdError.name);
     // @ts-expect-error: a reply has no such field
     (await client.port("a").request("x")).nothing;`,
  );
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
  const libs = ["--lib", "es2023", "--types", "node"];
  execFileSync(process.execPath, [TSC, ...flags, ...libs, "program.mts"], {
    cwd: rig.folder,
    stdio: "inherit",
  });
});

walk("A program in Node writes, and reads on where its server was killed", async ({ rig }) => {
  install(rig.folder);
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const program = new NodeProgram(
    rig.folder,
    `import { connect } from "seriald-sdk";
     const client = connect({ url: "${server.url}" });
     const port = client.port();
     await port.write("hello\\n");
     for await (const { text } of port.lines({ from: "oldest" })) console.log("line:", text);`,
  );
  rig.ends(() => program.close());
  await expect.poll(() => pty.received.toString()).toBe("hello\n");
  await pty.say("one\n");
  await program.says(/line: one/);
  await server.kill();
  await server.restart();
  await isOpen(server);
  await pty.say("two\n");
  const said = await program.says(/line: two/);
  expect(said.match(/line: .*/g)).toEqual(["line: one", "line: two"]);
});

walk("Values are read once each, however often the server is killed", async ({ rig }) => {
  install(rig.folder);
  const pty = await rig.pty();
  const server = await rig.serve(`board=${pty.path}`);
  const program = new NodeProgram(
    rig.folder,
    `import { connect } from "seriald-sdk";
     const port = connect({ url: "${server.url}" }).port("board");
     for await (const { values, units } of port.values({ from: "oldest" }))
       console.log(JSON.stringify(values), JSON.stringify(units));`,
  );
  rig.ends(() => program.close());
  for (let round = 1; round <= 3; round++) {
    await pty.say(
      `no number\n>t:1000:${round};1010:${round}.5§V\n{"n": ${round}, "__proto__": 7}\n`,
    );
    await program.says(new RegExp(`"n":${round},`));
    await server.kill();
    await server.restart();
    await isOpen(server);
  }
  const said = (await program.says(/"n":3,/)).trim().split("\n");
  const each = (round: number) => [
    `{"t":${round}} {"t":"V"}`,
    `{"t":${round}.5} {"t":"V"}`,
    `{"n":${round},"__proto__":7} {"t":"V"}`,
  ];
  expect(said).toEqual([1, 2, 3].flatMap(each));
});

walk("A macro ends when its signal says so", async ({ rig }) => {
  install(rig.folder);
  const server = await rig.demo();
  const program = new NodeProgram(
    rig.folder,
    `import { connect } from "seriald-sdk";
     const port = connect({ url: "${server.url}" }).port("sensor");
     const running = (count) =>
       new Promise((done) => port.watch((state) => state?.running.length === count && done()));
     const stop = new AbortController();
     const steps = [{ repeat: "forever", steps: [{ send: "led on\\n" }, { delay: 50 }] }];
     const run = port.run(steps, { signal: stop.signal });
     await running(1);
     stop.abort();
     await run.catch(({ name }) => console.log(name));
     await running(0);
     console.log("it has ended");`,
  );
  rig.ends(() => program.close());
  expect(await program.says(/it has ended/)).toContain("AbortError");
});

walk("A page takes the port that its address names, or else the first", async ({ rig }) => {
  const www = join(rig.folder, "www");
  mkdirSync(www);
  writeFileSync(
    join(www, "index.html"),
    `<!doctype html><title>waiting</title>
     <script type="module">
       import { connect } from "/sdk.js";
       const port = connect().port();
       await port.moment(new Date());
       document.title = port.name;
     </script>`,
  );
  const server = await rig.demo("--www", www);
  const visitor = await rig.visitor();
  // The page has no icon, and the browser looks for one.
  visitor.expect(/favicon\.ico/);
  for (const [search, name] of [
    ["?port=linux", "linux"],
    ["", "sensor"],
  ] as const) {
    const { page } = await visitor.open(new URL(search, server.url).href);
    await expect.poll(() => page.title()).toBe(name);
  }
});
