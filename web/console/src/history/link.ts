// A link to a moment: the page's own address with port, view and offset.
import { formatRoute, type View } from "../model/route.ts";

/** The address that shows a moment of a port. */
export function linkTo(port: string, view: View, offset: number, page: string): string {
  const rest = new URLSearchParams({ at: String(offset) });
  return new URL(formatRoute({ port, view, rest }), page).href;
}
