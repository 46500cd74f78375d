// A Vite plugin: bundles sdk/src into sdk.js at the root of the output, one ES module that imports nothing.
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const ENTRY = fileURLToPath(new URL("../sdk/src/index.ts", import.meta.url));

/** Adds sdk.js. A build of its own: as a second entry it would share chunks with the console. */
export function sdk(): Plugin {
  return {
    name: "sdk",
    apply: "build",
    async generateBundle() {
      const result = await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        build: {
          target: "es2022",
          write: false,
          lib: { entry: ENTRY, formats: ["es"], fileName: "sdk" },
        },
      });
      const [output] = Array.isArray(result) ? result : [result];
      if (!output || !("output" in output)) throw new Error("the SDK's build gave no output");
      for (const file of output.output) {
        if (file.type === "chunk") {
          this.emitFile({ type: "asset", fileName: "sdk.js", source: file.code });
        }
      }
    },
  };
}
