// Where the server's HTTP answers live, beside this page: it may stand under any prefix, or at `console/`.

/** The formats that a port's history can be saved in. */
export const FORMATS = [
  { format: "text", text: "Text, with times" },
  { format: "raw", text: "Raw bytes" },
  { format: "jsonl", text: "JSON Lines, with times" },
  { format: "csv", text: "CSV, with times" },
] as const;

/** A path of the server, by the address of the page. */
export function serverUrl(path: string, page: string): string {
  const { pathname } = new URL(page);
  const folder = pathname.slice(0, pathname.lastIndexOf("/") + 1);
  return folder.replace(/(^|\/)console\/$/, "$1") + path;
}

/** Where a port's whole history is saved from: what the server has, not what the page shows. */
export function historyUrl(port: string, format: string, page: string): string {
  return serverUrl(`api/v1/ports/${encodeURIComponent(port)}/history?format=${format}`, page);
}
