// Share: what a share link may open, and the link itself.

import { hereIn, type Placed } from "../history/here.ts";
import { serverUrl } from "../model/address.ts";
import type { Board } from "../model/route.ts";

export type Opening = "port" | "page" | "moment";

/** The moment that is looked at; null where that is the present. */
export function momentOf(screen: Placed): number | null {
  return screen.status.following ? null : hereIn(screen);
}

/** What a link may open of what is on the page, the least first. */
export function openings(
  board: Board | null,
  moment: number | null,
): { value: Opening; text: string }[] {
  return [
    { value: "port", text: "The port" },
    ...(board?.kind === "page" ? [{ value: "page" as const, text: "This page" }] : []),
    ...(moment !== null ? [{ value: "moment" as const, text: "This moment" }] : []),
  ];
}

/** The link to a path of the server, by the address of the page. */
export function linkOf(path: string, page: string): string {
  return new URL(serverUrl(path, page), page).href;
}

/** Whether nobody but this machine comes to an address. */
export function isHereAlone(link: string): boolean {
  const { hostname } = new URL(link);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
