// Address: where a server's socket is, from what a page or a program gives.

const SOCKET = "api/v1/socket";

/**
 * The socket's ws: address. `url` is the server's address (`http://pi.lan:8080/`, with any prefix of a reverse proxy)
 * or the socket's own. Without it: beside the `sdk.js` or `sdk.classic.js` that runs here; else beside the page, and for a page
 * in `console/` one level up.
 */
export function socketAddress(
  url: string | undefined,
  module: string,
  page: string | undefined,
): string {
  const socket = new URL(url ?? root(module, page), page);
  socket.protocol = socket.protocol.replace("http", "ws");
  if (socket.protocol !== "ws:" && socket.protocol !== "wss:") {
    throw new TypeError(`${socket.href} is no address of a seriald server: it begins with http`);
  }
  if (!socket.pathname.endsWith(`/${SOCKET}`)) {
    socket.pathname = `${socket.pathname.replace(/\/?$/, "/")}${SOCKET}`;
  }
  socket.hash = "";
  return socket.href;
}

/** The http: address of a path below `api/v1/`, on the server whose socket that is. */
export function apiAddress(socket: string, path: string): string {
  const root = socket.replace(/^ws/, "http").replace(/api\/v1\/socket(\?.*)?$/, "");
  return `${root}api/v1/${path}`;
}

/** The port that a page is for, which its own address tells (`?port=NAME`); undefined where it does not. */
export function portOfPage(search: string | undefined): string | undefined {
  return new URLSearchParams(search).get("port") || undefined;
}

function root(module: string, page: string | undefined): string {
  if (/\/sdk(\.classic)?\.js(\?.*)?$/.test(module)) return new URL(".", module).href;
  if (page === undefined) throw new TypeError("connect() needs a url where there is no page");
  return new URL(".", page).href.replace(/\/console\/$/, "/");
}
