// The address of a page for a device: beside the console, below whatever prefix the server stands, and never anywhere else.
import { serverUrl } from "../model/address.ts";

/** Where a page is shown for a port. A path that would lead to another server is taken as one below this one. */
export function pageAddress(path: string, port: string, page = location.href): string {
  const below = path
    .replace(/^[/\\]+/, "")
    .replace(/^[a-z][a-z0-9+.-]*:/i, (scheme) => `./${scheme}`);
  const root = new URL(serverUrl("", page), page);
  const address = new URL(below, root);
  address.searchParams.set("port", port);
  return address.href;
}
