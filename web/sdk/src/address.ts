// Address: where a server's socket is, from what a page or a program gives.

const SOCKET = "api/v1/socket";

/**
 * The socket's ws: address. `url` is the server's address (`http://pi.lan:8080/`, with any prefix of a reverse proxy)
 * or the socket's own. Without it: beside the `sdk.js` that runs here; else beside the page, and for a page
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

/** The address whose HTTP status tells why a socket was refused, which browsers keep to themselves. */
export function portsAddress(socket: string): string {
  return socket.replace(/^ws/, "http").replace(/api\/v1\/socket(\?.*)?$/, "api/v1/ports");
}

function root(module: string, page: string | undefined): string {
  if (/\/sdk\.js(\?.*)?$/.test(module)) return new URL(".", module).href;
  if (page === undefined) throw new TypeError("connect() needs a url where there is no page");
  return new URL(".", page).href.replace(/\/console\/$/, "/");
}
