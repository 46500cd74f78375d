// The browser walks: the real program in a real browser, one walk after the other; the README's picture of it; and what it costs.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    environment: "node",
    // One browser for all walks, which share the machine's few cores with the programs they drive.
    maxWorkers: 1,
    isolate: false,
    testTimeout: 60_000,
    // Told in the summary: a bug to be found, but not one that hides the others.
    retry: 1,
    expect: { poll: { timeout: 15_000, interval: 50 } },
    projects: [
      { extends: true, test: { name: "walks", include: ["*.walk.ts"] } },
      { extends: true, test: { name: "picture", include: ["picture.ts"] } },
      { extends: true, test: { name: "bench", include: ["*.bench.ts"], retry: 0 } },
    ],
  },
});
