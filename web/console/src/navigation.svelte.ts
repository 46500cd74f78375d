// Navigation: the port and the view of it that are on the page, as the address says, and the ways to others.
import type { PortState } from "seriald";
import type { Console } from "./model/console.svelte.ts";
import { preferences } from "./model/preferences.svelte.ts";
import { type Board, formatRoute, parseRoute, type Route, type View } from "./model/route.ts";
import { grouped } from "./ports/describe.ts";

export class Navigation {
  readonly #console: Console;
  #route = $state.raw(parseRoute(location.hash));

  constructor(console: Console) {
    this.#console = console;
  }

  /** The ports in their order: those that are served, and those that were found. */
  readonly groups = $derived.by(() => grouped(this.#console.ports.values()));

  /** The port on the page, whether there is one of that name or not; null where there are none at all. */
  readonly name: string | null = $derived.by(() => {
    const { ours } = this.groups;
    const first = ours.find((port) => port.state === "open") ?? ours[0];
    return this.#route.port ?? first?.name ?? null;
  });

  readonly port: PortState | undefined = $derived.by(() =>
    this.name === null ? undefined : this.#console.ports.get(this.name),
  );

  /** What the address says. */
  get route(): Route {
    return this.#route;
  }

  get view(): View {
    return this.#route.view ?? preferences.view;
  }

  /** The panel or page that stands in the place of the port's bytes. */
  get board(): Board | null {
    return this.#route.board;
  }

  /** Takes the address as it is now. */
  read = (): void => {
    this.#route = parseRoute(location.hash);
  };

  /** Goes to another port. */
  go(port: string): void {
    this.#visit({ ...parseRoute(""), port, view: this.#route.view });
  }

  /** Shows the bytes of the port in a view. */
  show = (view: View): void => {
    preferences.view = view;
    this.replace({ ...this.#route, port: this.name, view, board: null });
  };

  /** Shows a panel or a page of a port, or its bytes. */
  showBoard = (port: string, board: Board | null): void => {
    if (port === this.name) this.replace({ ...this.#route, port, board });
    else this.#visit({ ...parseRoute(""), port, board });
  };

  /** Shows something else in the same place of the browser's history. */
  replace(route: Route): void {
    history.replaceState(null, "", formatRoute(route));
    this.read();
  }

  #visit(route: Route): void {
    location.hash = formatRoute(route);
    // The browser tells of it later, and the next key may come before.
    this.read();
  }
}
