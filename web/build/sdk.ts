// A Vite plugin: bundles sdk/src into two files at the root of the output, which import nothing: sdk.js, an ES module,
// and sdk.classic.js, a plain script that puts the same into `seriald`.
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const ENTRY = fileURLToPath(new URL("../sdk/src/index.ts", import.meta.url));

/** Adds both. Builds of their own: as further entries they would share chunks with the console. */
export function sdk(): Plugin {
  return {
    name: "sdk",
    apply: "build",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: "sdk.js", source: await bundle("es") });
      this.emitFile({ type: "asset", fileName: "sdk.classic.js", source: await bundle("iife") });
    },
  };
}

async function bundle(format: "es" | "iife"): Promise<string> {
  const isClassic = format === "iife";
  const result = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    // A plain script knows its own address only while it is run for the first time.
    ...(isClassic ? { define: { "import.meta.url": "SDK_ADDRESS" } } : {}),
    build: {
      target: "es2022",
      write: false,
      lib: { entry: ENTRY, formats: [format], name: "seriald", fileName: "sdk" },
      rolldownOptions: {
        output: isClassic
          ? { intro: "const SDK_ADDRESS = document.currentScript?.src ?? '';" }
          : {},
      },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunks = output && "output" in output ? output.output : [];
  const code = chunks.flatMap((file) => (file.type === "chunk" ? [file.code] : []));
  if (code.length !== 1) throw new Error(`the SDK's build gave ${code.length} files`);
  return code.join("");
}
