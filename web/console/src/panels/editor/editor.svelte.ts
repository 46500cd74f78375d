// Editor: a panel while somebody changes it: what was changed, what is wrong with it, and how it is saved.
import { type Client, type Panel, SerialdError, type Widget } from "seriald";
import { type At, free, moved } from "../grid.ts";
import { type Problem, problemsOf } from "./check.ts";
import { defined, type Loose } from "./defined.ts";
import { freshId } from "./names.ts";
import { Undo } from "./undo.ts";

/** What is edited: a panel as it is kept, or one that is nowhere yet. */
export interface Draft {
  /** The name of its file. */
  name: string;
  /** The port in whose tab it is edited. */
  home: string;
  panel: Panel;
  /** What is kept on the server; null: nothing. */
  version: string | null;
}

/** What is shown beside the grid. */
export type Side = "widget" | "panel" | "macros" | "triggers" | "file";

export class Editor {
  readonly #client: Client;
  readonly name: string;
  readonly home: string;
  panel: Panel = $state.raw() as Panel;
  side: Side = $state("panel");
  /** The id of the widget that is chosen. */
  chosen: string | null = $state(null);
  saving = $state(false);
  /** Why it was not saved. */
  refusal: string | null = $state(null);
  /** Somebody else has changed it since it was opened. */
  conflict = $state(false);
  #version: string | null = $state(null);
  #kept = $state("");
  readonly #undo = new Undo<Panel>();
  #steps = $state(0);

  constructor(client: Client, { name, home, panel, version }: Draft) {
    this.#client = client;
    this.name = name;
    this.home = home;
    this.panel = panel;
    this.#version = version;
    this.#kept = version === null ? "" : JSON.stringify(panel);
  }

  /** What is wrong with it as it is. */
  readonly problems: readonly Problem[] = $derived(problemsOf(this.panel));

  /** Whether it is on the server at all. */
  get isNew(): boolean {
    return this.#version === null;
  }

  get isChanged(): boolean {
    return JSON.stringify(this.panel) !== this.#kept;
  }

  /** The widget that is chosen. */
  get widget(): Widget | null {
    return this.panel.widgets.find(({ id }) => id === this.chosen) ?? null;
  }

  get canUndo(): boolean {
    void this.#steps;
    return this.#undo.canUndo;
  }

  get canRedo(): boolean {
    void this.#steps;
    return this.#undo.canRedo;
  }

  undo = (): void => this.#step(this.#undo.undo(this.panel));
  redo = (): void => this.#step(this.#undo.redo(this.panel));

  #step(panel: Panel): void {
    this.panel = panel;
    this.#steps++;
  }

  /** Changes some of the panel. Changes of one key that follow each other are undone as one. */
  change(part: Loose<Partial<Panel>>, key: string | null = null): void {
    this.replace(defined<Panel>({ ...this.panel, ...part }), key);
  }

  /** Puts another panel in its place. */
  replace(panel: Panel, key: string | null = null): void {
    this.#undo.keep(this.panel, key);
    this.#step(panel);
  }

  /** Changes some of a widget; what is undefined is taken out. */
  changeWidget(id: string, part: object): void {
    const widgets = this.panel.widgets.map((widget) =>
      widget.id === id ? defined<Widget>({ ...widget, ...part }) : widget,
    );
    this.change({ widgets }, `${id} ${Object.keys(part).join(" ")}`);
    if ("id" in part) this.chosen = part.id as string;
  }

  /** Puts a widget somewhere; those that stand there make room. */
  move(id: string, to: At): void {
    this.change({ widgets: moved(this.panel.widgets, id, to) });
  }

  /** Adds a widget where there is room, and chooses it. */
  add(widget: Omit<Widget, "id" | "at">, [width, height]: readonly [number, number]): void {
    const { widgets } = this.panel;
    const id = freshId(
      widget.type,
      widgets.map((other) => other.id),
    );
    const added = { id, at: free(widgets, width, height), ...widget } as Widget;
    this.change({ widgets: [...widgets, added] });
    this.choose(id);
  }

  duplicate(id: string): void {
    const { id: _, at, ...rest } = this.panel.widgets.find((widget) => widget.id === id) ?? {};
    if (at) this.add(rest as Omit<Widget, "id" | "at">, [at[2], at[3]]);
  }

  remove(id: string): void {
    this.change({ widgets: this.panel.widgets.filter((widget) => widget.id !== id) });
    if (this.chosen === id) this.choose(null);
  }

  choose(id: string | null): void {
    this.chosen = id;
    if (id !== null) this.side = "widget";
    else if (this.side === "widget") this.side = "panel";
  }

  /** Brings the first thing that is wrong onto the page. */
  showProblem(): void {
    const { at = "" } = this.problems[0] ?? {};
    const widget = this.panel.widgets[Number(/^widgets\[(\d+)\]/.exec(at)?.[1] ?? -1)];
    if (widget) this.choose(widget.id);
    else if (at.startsWith("macros")) this.side = "macros";
    else if (at.startsWith("triggers")) this.side = "triggers";
    else this.side = "panel";
  }

  /** Keeps it on the server; `over` whatever is there meanwhile. Answers whether that was done. */
  async save(over = false): Promise<boolean> {
    const { panel } = this;
    this.saving = true;
    this.refusal = null;
    try {
      const options = over ? {} : { version: this.#version };
      this.#version = await this.#client.panel(this.name).put(panel, options);
      this.#kept = JSON.stringify(panel);
      this.conflict = false;
      return true;
    } catch (error) {
      if (error instanceof SerialdError && error.code === "changed") this.conflict = true;
      else this.refusal = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Takes what is kept on the server now instead of what is here; that can be undone. */
  async takeTheirs(): Promise<void> {
    const { panel, version } = await this.#client.panel(this.name).get();
    this.#version = version;
    this.#kept = JSON.stringify(panel);
    this.conflict = false;
    this.replace(panel);
  }

  /** Takes it off the server. */
  async delete(): Promise<void> {
    if (!this.isNew) await this.#client.panel(this.name).delete();
  }
}
