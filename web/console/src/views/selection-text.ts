// The text of a page's selection within rows, with the characters that pictures stand for.
import { forClipboard } from "./text.ts";

/** The device's text between the ends of a selection; rows are joined by line feeds. */
export function selectionTextOf(selection: Selection): string | null {
  if (selection.rangeCount === 0) return null;
  const part = selection.getRangeAt(0).cloneContents();
  const rows = [...part.querySelectorAll(".text")];
  if (rows.length === 0) return forClipboard(textOf(part));
  return rows.map((row) => forClipboard(textOf(row))).join("\n");
}

function textOf(node: Node): string {
  if (node instanceof Text) return node.data;
  if (node instanceof HTMLElement) {
    if (node.dataset.raw !== undefined) return node.dataset.raw;
    if (node.classList.contains("by")) return "";
  }
  return [...node.childNodes].map(textOf).join("");
}
