import { expect, it } from "vitest";
import { Stance } from "./stance.ts";

it("A control follows the device until somebody holds it", () => {
  const stance = new Stance<number>();
  expect(stance.shown(undefined, 0)).toBeUndefined();
  expect(stance.shown(20, 0)).toBe(20);
  stance.hold(50);
  expect(stance.shown(20, 60_000)).toBe(50);
});

it("A control that was let go does not jump back before the device has obeyed", () => {
  const stance = new Stance<number>();
  stance.release(50, 0);
  expect(stance.shown(20, 100)).toBe(50);
  expect(stance.shown(50, 200)).toBe(50);
  expect(stance.shown(20, 300)).toBe(20);
});

it("A device that does not obey is believed after a while", () => {
  const stance = new Stance<number>();
  stance.release(50, 0);
  expect(stance.shown(20, 2000)).toBe(20);
});

it("A control that follows nothing stays where it was put, unless it was refused", () => {
  const stance = new Stance<number>();
  stance.release(50, 0);
  expect(stance.shown(undefined, 60_000)).toBe(50);
  stance.drop();
  expect(stance.shown(undefined, 60_000)).toBeUndefined();
});
