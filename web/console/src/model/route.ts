// The page's place in its address: `#/port/NAME?view=lines`, or `?view=panel:NAME`. Unknown parameters are kept, so that links live long.

export const VIEWS = ["terminal", "lines", "hex"] as const;

/** One of the three pictures of a port's bytes. */
export type View = (typeof VIEWS)[number];

/** What a port shows instead of its bytes: a panel by its name, or a page by its path. */
export interface Board {
  kind: "panel" | "page";
  name: string;
}

/** Where the page is: which port, in which view or with which board, and whatever else the address says. */
export interface Route {
  port: string | null;
  view: View | null;
  board: Board | null;
  rest: URLSearchParams;
}

/** Whether a text names a view. */
export function isView(text: unknown): text is View {
  return VIEWS.includes(text as View);
}

/** Reads the address's fragment; what makes no sense is the empty route. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const rest = new URLSearchParams(query);
  const view = rest.get("view");
  rest.delete("view");
  return { port: portOf(path), view: isView(view) ? view : null, board: boardOf(view), rest };
}

function boardOf(view: string | null): Board | null {
  const [, kind, name] = /^(panel|page):(.+)$/s.exec(view ?? "") ?? [];
  return name ? { kind: kind as Board["kind"], name } : null;
}

function portOf(path: string): string | null {
  const name = /^\/port\/([^/]+)$/.exec(path)?.[1];
  if (!name) return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}

/** The fragment that leads to a route. */
export function formatRoute(route: Route): string {
  if (route.port === null) return "#/";
  const query = new URLSearchParams(route.rest);
  const { view, board } = route;
  const shown = board ? `${board.kind}:${board.name}` : view;
  if (shown) query.set("view", shown);
  const text = query.toString();
  return `#/port/${encodeURIComponent(route.port)}${text ? `?${text}` : ""}`;
}

/** What a ready link carries: the server's token (`#token=...`), or what opens a share link (`#sh_...`). */
export type Secret = { token: string } | { share: string };

/** The secret of a ready link, if the address is one. */
export function secretIn(hash: string): Secret | null {
  if (hash.startsWith("#sh_")) return { share: hash.slice(1) };
  if (!hash.startsWith("#token=")) return null;
  const token = new URLSearchParams(hash.slice(1)).get("token");
  return token ? { token } : null;
}
