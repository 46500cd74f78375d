// Where a small sheet goes: under its button, or above where there is no room, never off the page.

const GAP = 6;
const MARGIN = 8;

/** Puts `sheet` beside `anchor`, its nearer edge in line with the anchor's. */
export function place(sheet: HTMLElement, anchor: DOMRect): void {
  const { width, height } = sheet.getBoundingClientRect();
  const alignRight = anchor.left + anchor.width / 2 > innerWidth / 2;
  const left = alignRight ? anchor.right - width : anchor.left;
  const below = anchor.bottom + GAP;
  const above = anchor.top - GAP - height;
  const top = below + height > innerHeight - MARGIN && above > MARGIN ? above : below;
  sheet.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
  sheet.style.top = `${top}px`;
}
