// Share: what a share link may open, and the link itself.

import { hereIn, type Placed } from "../history/here.ts";
import { serverUrl } from "../model/address.ts";
import type { Board } from "../model/route.ts";

export type Opening = "port" | "page" | "moment" | "excerpt";

/** The moment that is looked at; null where that is the present. */
export function momentOf(screen: Placed): number | null {
  return screen.status.following ? null : hereIn(screen);
}

/** What a link may open of what is on the page, the least first. An excerpt is seen, and nothing is typed there. */
export function openings(
  board: Board | null,
  moment: number | null,
  mayOnlySee: boolean,
): { value: Opening; text: string }[] {
  const isPresent = moment === null;
  return [
    { value: "port", text: "The port" },
    ...(board?.kind === "page" ? [{ value: "page" as const, text: "This page" }] : []),
    ...(isPresent ? [] : [{ value: "moment" as const, text: "The port, from here" }]),
    ...(board || !mayOnlySee
      ? []
      : [{ value: "excerpt" as const, text: isPresent ? "Only the last minutes" : "Only this" }]),
  ];
}

/** What is usual: all of a port that is live, or else what is on the page. */
export function usualOpening(board: Board | null, moment: number | null): Opening {
  if (board) return board.kind === "page" ? "page" : "port";
  return moment === null ? "port" : "excerpt";
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
