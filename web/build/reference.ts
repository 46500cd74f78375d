// A Vite plugin: builds api.html, the page about the REST interface, into the same output as the console.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build, type Plugin } from "vite";

/** Adds the page. A build of its own: as a further entry it would share chunks with the console. */
export function reference(): Plugin {
  return {
    name: "reference",
    apply: "build",
    async generateBundle(_options, console) {
      for (const file of await bundle()) {
        // The same picture, under the same name.
        if (file.fileName in console) continue;
        const source = file.type === "chunk" ? file.code : file.source;
        this.emitFile({ type: "asset", fileName: file.fileName, source });
      }
    },
  };
}

async function bundle() {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    base: "./",
    publicDir: false,
    plugins: [svelte()],
    build: {
      target: "es2022",
      write: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: "api.html" },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  return output && "output" in output ? output.output : [];
}
