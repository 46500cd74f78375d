// Where the server's HTTP answers live, beside this page: it may stand under any prefix, or at `console/`.

/** A path of the server, by the address of the page. */
export function serverUrl(path: string, page: string): string {
  const { pathname } = new URL(page);
  const folder = pathname.slice(0, pathname.lastIndexOf("/") + 1);
  return folder.replace(/(^|\/)console\/$/, "$1") + path;
}
