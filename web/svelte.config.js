// Read by svelte-check and by the Vite plugin: nothing but the TypeScript step.
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

export default { preprocess: vitePreprocess() };
