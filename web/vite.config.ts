// The build of the console (index.html), of the page about the REST interface (api.html) and of the SDK that people's own
// pages load (sdk.js, sdk.classic.js).

import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { compressed } from "./build/compressed.ts";
import { reference } from "./build/reference.ts";
import { sdk } from "./build/sdk.ts";

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [svelte(), sdk(), reference(), compressed()],
  resolve: {
    alias: { seriald: fileURLToPath(new URL("sdk/src/index.ts", import.meta.url)) },
    // Vitest would take Svelte's server build otherwise.
    ...(process.env.VITEST ? { conditions: ["browser"] } : {}),
  },
  build: {
    target: "es2022",
    // The content security policy allows no data: scripts or styles; every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The lazy WebGL renderer and xterm.js are large by nature; the sum is what the tests bound.
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "/api/": { target: process.env.SERIALD_URL ?? "http://127.0.0.1:8080", ws: true },
    },
  },
  // The time is for machines that are busy with other things, not for the tests.
  test: {
    include: ["{console,reference,sdk}/src/**/*.test.ts", "build/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
