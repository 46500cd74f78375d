// Begin: what people begin with panels: a new one, by hand or out of what the device prints, one from elsewhere, or a change.
import type { Panel } from "seriald";
import type { Console } from "../model/console.svelte.ts";
import { say } from "../ui/toasts.svelte.ts";
import type { Boards } from "./boards.svelte.ts";
import { Editor } from "./editor/editor.svelte.ts";
import { freshName } from "./editor/names.ts";
import { proposal } from "./editor/proposal.ts";

export type Task = "new" | "propose" | "import" | "ask" | { edit: string };

/** What a task works on. */
export interface Ground {
  console: Console;
  boards: Boards;
  /** The port's name. */
  port: string;
}

// What came lately tells best what comes.
const LATELY = -256 * 1024;

/** How long a device may take to describe its panel. */
const PATIENCE_MS = 4000;

/** A panel without anything, for one port. */
export function emptyPanel(port: string): Panel {
  return { seriald: 1, title: port, for: { port }, widgets: [], macros: [], triggers: [] };
}

/** Begins a task. */
export async function begin(ground: Ground, task: Task): Promise<void> {
  const { boards, port } = ground;
  if (task === "new") draft(ground, emptyPanel(port));
  else if (task === "propose") await propose(ground);
  else if (task === "import") boards.over = { what: "import", port, file: null };
  else if (task === "ask") await ask(ground);
  else edit(ground, task.edit);
}

/** Keeps a panel on the server under a name of its own, and shows it. */
export async function keepPanel({ console, boards, port }: Ground, panel: Panel): Promise<void> {
  const name = freshName(panel.title, [...console.panels.keys()]);
  await console.client.panel(name).put(panel, { version: null });
  boards.show(port, { kind: "panel", name });
}

/** Opens the editor with a panel that is nowhere yet. */
export function draft({ console, boards, port }: Ground, panel: Panel): void {
  const taken = [...console.panels.keys(), ...boards.editors.keys()];
  const name = freshName(panel.title, taken);
  boards.edit(new Editor(console.client, { name, home: port, panel, version: null }));
  boards.show(port, { kind: "panel", name });
}

async function propose(ground: Ground): Promise<void> {
  const port = ground.console.client.port(ground.port);
  const { series } = await port.chart({ from: LATELY, points: 50 });
  if (series.length === 0) {
    say(`Nothing in what ${ground.port} printed lately has numbers in it.`, true);
    return;
  }
  draft(ground, { ...emptyPanel(ground.port), widgets: proposal(series) });
}

async function ask({ console, boards, port }: Ground): Promise<void> {
  boards.asked = port;
  setTimeout(() => {
    if (boards.asked !== port) return;
    boards.asked = null;
    say(`${port} did not answer with a panel of its own.`, true);
  }, PATIENCE_MS);
  await console.client.port(port).write("panel?\n");
}

function edit({ console, boards, port }: Ground, name: string): void {
  const loaded = boards.files.get(name);
  if (loaded.state !== "read") throw new Error(`“${name}” is not here yet.`);
  const { panel, version } = loaded;
  boards.edit(new Editor(console.client, { name, home: port, panel, version }));
}
