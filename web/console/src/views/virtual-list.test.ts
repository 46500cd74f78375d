// The virtual list's moves and choices, without a browser.
import { tick } from "svelte";
import { expect, test, vi } from "vitest";
import { type Press, VirtualList } from "./virtual-list.svelte.ts";

const ROW = 20;

function listOf(rows: number, start: number | null = null) {
  const onmove = vi.fn();
  const list = new VirtualList(onmove);
  const scroller = {
    scrollTop: 0,
    scrollHeight: rows * ROW,
    clientHeight: 10 * ROW,
  } as HTMLElement;
  list.scroller = scroller;
  const size = { first: 0, isLive: true, rowHeight: ROW, viewport: 10 * ROW };
  list.resize({ ...size, next: rows }, start);
  const press = (key: string, more: Partial<Press> = {}) =>
    list.press({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more });
  return { list, scroller, onmove, press, size };
}

test("a list that has gone is neither scrolled nor drawn", async () => {
  const { list, onmove, size } = listOf(1000);
  list.scroller = null;
  list.scrolled();
  list.resize({ ...size, next: 2000 }, null);
  await tick();
  expect(onmove).not.toHaveBeenCalled();
});

test("the place that the list itself gives the scroll bar is no move", async () => {
  const { list, scroller, onmove } = listOf(1000);
  await tick();
  expect(scroller.scrollTop).toBe(990 * ROW);
  list.scrolled();
  expect(onmove).not.toHaveBeenCalled();
  scroller.scrollTop = 500 * ROW;
  list.scrolled();
  expect(onmove).toHaveBeenLastCalledWith(false, 500);
});

test("a view that becomes taller at its end goes on following it", async () => {
  const { list, scroller, onmove } = listOf(1000);
  await tick();
  // The browser cannot leave an empty stretch below the last row.
  Object.assign(scroller, { scrollTop: 987 * ROW, clientHeight: 13 * ROW });
  list.scrolled();
  expect(onmove).not.toHaveBeenCalled();
  expect(list.following).toBe(true);
});

test("the first extent that can be seen decides where the list begins", () => {
  expect(listOf(1000, 300).list.drawn.from).toBe(300);
  expect(listOf(1000).list.drawn.to).toBe(1000);
});

test("arrows choose row by row, Shift more of them, and the view goes along", () => {
  const { list, press } = listOf(1000, 300);
  expect(press("ArrowDown")).toBe(true);
  expect(list.selected).toEqual({ from: 300, to: 300, cursor: 300 });
  for (let i = 0; i < 12; i++) press("ArrowDown", { shiftKey: true });
  expect(list.selected).toEqual({ from: 300, to: 312, cursor: 312 });
  expect(list.drawn.to).toBe(313);
  press("Escape");
  expect(list.selected).toBeNull();
});

test("Ctrl+A chooses every row there is", () => {
  const { list, press } = listOf(1000);
  press("a", { ctrlKey: true });
  expect(list.selected).toMatchObject({ from: 0, to: 999 });
  expect(listOf(0).press("a", { ctrlKey: true })).toBe(false);
});

test("keys of others are left to them", () => {
  const { press } = listOf(1000);
  expect(press("x")).toBe(false);
  expect(press("Escape")).toBe(false);
  expect(press("ArrowUp", { altKey: true })).toBe(false);
  expect(press("PageUp", { ctrlKey: true })).toBe(false);
});

test("Page up leaves the end, End comes back to it", () => {
  const { list, onmove, press } = listOf(1000);
  press("PageUp");
  expect(onmove).toHaveBeenLastCalledWith(false, 981);
  press("End");
  expect(list.following).toBe(true);
  press("Home");
  expect(onmove).toHaveBeenLastCalledWith(false, 0);
});

test("an end that is not the newest is not stuck to, and rows before the first do not move the view", () => {
  const { list, onmove, press, size } = listOf(1000, 500);
  list.resize({ ...size, next: 1000, isLive: false }, null);
  for (let i = 0; i < 100; i++) press("PageDown");
  expect(onmove).toHaveBeenLastCalledWith(false, 990);
  list.resize({ ...size, first: -5000, next: 3000, isLive: false }, null);
  expect(list.drawn).toMatchObject({ from: 990, to: 1000 });
});

test("whoever wants to the first or the last row is brought there by others, if they know a better one", () => {
  const jumps: string[] = [];
  const list = new VirtualList(
    () => undefined,
    (end) => jumps.push(end) > 0,
  );
  const key = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
  expect(list.press({ key: "Home", ...key }) && list.press({ key: "End", ...key })).toBe(true);
  expect(jumps).toEqual(["first", "last"]);
});
