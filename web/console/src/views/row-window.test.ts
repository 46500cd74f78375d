// Where the rows in view are, from three of them to millions.
import { expect, test } from "vitest";
import { MOST_HEIGHT, RowWindow } from "./row-window.ts";

function windowOf(rows: number, first = 0): RowWindow {
  const window = new RowWindow();
  window.viewport = 400;
  window.setRows(first, first + rows);
  return window;
}

test("it follows the end while rows come, and the last row is whole", () => {
  const window = windowOf(3);
  expect(window.drawn).toEqual({ from: 0, to: 3, shift: 0 });
  window.setRows(0, 1000);
  expect(window.drawn).toMatchObject({ from: 980, to: 1000 });
  window.viewport = 410;
  window.settle();
  expect(window.drawn).toEqual({ from: 979, to: 1000, shift: 10 });
});

test("scrolling up stops the following, even by a little, and the end begins it again", () => {
  const window = windowOf(1000);
  window.scrolledTo(window.scrollTop - 3);
  expect(window.following).toBe(false);
  window.setRows(0, 2000);
  expect(window.drawn.from).toBe(979);
  window.scrolledTo(window.height - window.viewport);
  expect(window.following).toBe(true);
});

test("a list that fits is followed, wherever its top is put", () => {
  const window = windowOf(5);
  window.showAtTop(2);
  expect([window.top, window.following]).toEqual([0, true]);
  window.hold();
  window.setRows(0, 100);
  expect(window.top).toBe(0);
});

test("rows in view stay in view while the oldest go", () => {
  const window = windowOf(1000);
  window.showAtTop(500);
  window.setRows(300, 1500);
  expect(window.drawn.from).toBe(500);
  expect(window.scrollTop).toBe(200 * 20);
  window.setRows(800, 1500);
  expect(window.drawn.from).toBe(800);
});

test("the height stays what browsers can do, and every row can be reached", () => {
  const window = windowOf(2_000_000);
  expect(window.height).toBe(MOST_HEIGHT);
  window.scrolledTo(0);
  expect(window.drawn.from).toBe(0);
  window.scrolledTo((MOST_HEIGHT - 400) / 2);
  expect(window.drawn.from).toBe(999_990);
  const before = window.top;
  window.scrolledTo(window.scrollTop + 20);
  expect(window.top - before).toBeCloseTo(1);
  window.scrolledTo(MOST_HEIGHT - 400);
  expect(window.drawn.to).toBe(2_000_000);
});

test("the place on the scroll bar and the row at the top belong together", () => {
  for (const rows of [50, 1000, 399_999, 400_001, 2_000_000]) {
    const window = windowOf(rows, 77);
    for (const row of [77, 77 + Math.floor(rows / 3), 77 + rows - 20]) {
      window.showAtTop(row);
      window.hold();
      const at = window.scrollTop;
      window.scrolledTo(at);
      expect(window.top).toBeCloseTo(row, 4);
    }
  }
});

test("a row is revealed in the middle, and left alone where it is seen", () => {
  const window = windowOf(1000);
  window.reveal(990);
  expect(window.following).toBe(true);
  window.reveal(100);
  expect(window.drawn.from).toBe(90);
  window.nudge(89);
  expect(window.drawn.from).toBe(89);
  window.nudge(109);
  expect(window.top).toBe(90);
});
