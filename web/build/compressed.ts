// A Vite plugin: writes NAME.gz and NAME.br beside every text file, so that the server never compresses.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(html|js|mjs|css|svg|json|webmanifest|txt|map)$/;

/** Adds the two compressed forms of each text file to the output. */
export function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          if (!TEXT.test(fileName)) continue;
          const bytes = Buffer.from(file.type === "chunk" ? file.code : file.source);
          const params = {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          };
          this.emitFile({
            type: "asset",
            fileName: `${fileName}.gz`,
            source: gzipSync(bytes, { level: 9 }),
          });
          this.emitFile({
            type: "asset",
            fileName: `${fileName}.br`,
            source: brotliCompressSync(bytes, { params }),
          });
        }
      },
    },
  };
}
