// Boards: what a port shows instead of its bytes: panels and pages, as the server last told, and panels that are being made.
import type { Panel, PanelListing } from "seriald";
import type { Console } from "../model/console.svelte.ts";
import type { Board } from "../model/route.ts";
import { sayFailure } from "../ui/toasts.svelte.ts";
import type { Task } from "./begin.ts";
import type { Editor } from "./editor/editor.svelte.ts";
import { PanelFiles } from "./panel-files.svelte.ts";

/** A board as its tab has it. */
export interface Tab {
  board: Board;
  title: string;
  /** Its file cannot be read. */
  isWrong: boolean;
  /** It has changes that are not saved. */
  isUnsaved: boolean;
}

/** What stands over the page. */
export type Over =
  | { what: "import"; port: string; file: File | null }
  | { what: "preview"; port: string; panel: Panel; decided?: () => void };

export class Boards {
  readonly #console: Console;
  readonly files: PanelFiles;
  readonly show: (port: string, board: Board | null) => void;
  /** The panels that are being edited, by name; those that are new are nowhere else yet. */
  editors: ReadonlyMap<string, Editor> = $state.raw(new Map());
  over: Over | null = $state.raw(null);
  /** The port whose device was asked for its panel and has not answered. */
  asked: string | null = $state.raw(null);

  /** `show` brings a board of a port onto the page. */
  constructor(console: Console, show: (port: string, board: Board | null) => void) {
    this.#console = console;
    this.show = show;
    this.files = new PanelFiles(console.client);
  }

  /** The tabs of a port. */
  of(port: string): Tab[] {
    const { panels, pages } = this.#console;
    const known = [...panels.values()].filter(({ ports }) => ports.includes(port));
    const fresh = [...this.editors.values()].filter(
      ({ name, home }) => home === port && !panels.has(name),
    );
    return [
      ...known.map(({ name, title, problem }) => ({
        board: { kind: "panel" as const, name },
        title,
        isWrong: problem !== null,
        isUnsaved: this.editors.get(name)?.isChanged ?? false,
      })),
      ...fresh.map(({ name, panel }) => ({
        board: { kind: "panel" as const, name },
        title: panel.title,
        isWrong: false,
        isUnsaved: true,
      })),
      ...pages
        .filter(({ ports }) => ports.includes(port))
        .map(({ path, title, problem }) => ({
          board: { kind: "page" as const, name: path },
          title,
          isWrong: problem !== null,
          isUnsaved: false,
        })),
    ];
  }

  /** The panel of a port that has its emergency stop: the one that is shown, or else the first. */
  stopOf(port: string, shown: Board | null): PanelListing | null {
    const panels = [...this.#console.panels.values()];
    const stops = panels.filter(({ stop, ports }) => stop && ports.includes(port));
    const here = stops.find(({ name }) => shown?.kind === "panel" && shown.name === name);
    return here ?? stops[0] ?? null;
  }

  /** Begins something with panels; the tools for it are loaded when first asked for. */
  begin = async (task: Task, port: string): Promise<void> => {
    try {
      const { begin } = await import("./begin.ts");
      await begin({ console: this.#console, boards: this, port }, task);
    } catch (error) {
      sayFailure(error);
    }
  };

  edit(editor: Editor): void {
    this.editors = new Map(this.editors).set(editor.name, editor);
  }

  leave(name: string): void {
    const rest = new Map(this.editors);
    rest.delete(name);
    this.editors = rest;
  }

  closeOver = (): void => {
    this.over = null;
  };
}

/** Whether two boards are the same. */
export function isSame(one: Board | null, other: Board | null): boolean {
  return one?.kind === other?.kind && one?.name === other?.name;
}
