import { describe, expect, it } from "vitest";
import { Raster } from "./raster.ts";

const RED = [255, 0, 0] as const;

function column(raster: Raster, x: number): number[] {
  return Array.from(
    { length: raster.height },
    (_, y) => raster.pixels[(y * raster.width + x) * 4 + 3] ?? 0,
  );
}

describe("a raster", () => {
  it("keeps a spike that is one column wide", () => {
    const raster = new Raster(9, 9);
    raster.move(0, 8);
    raster.line(4, 8);
    raster.line(4.5, 0);
    raster.line(5, 8);
    raster.line(8, 8);
    raster.ink(RED, 1);
    expect(column(raster, 4).every((alpha) => alpha > 0)).toBe(true);
    expect(column(raster, 2).slice(0, 7)).toEqual(Array(7).fill(0));
  });

  it("covers every column of a slanted line and no more rows than the line has there", () => {
    const raster = new Raster(10, 10);
    raster.move(0, 0);
    raster.line(10, 10);
    raster.ink(RED, 1);
    for (let x = 0; x < 10; x++)
      expect(column(raster, x).filter((alpha) => alpha > 0).length).toBeLessThanOrEqual(3);
    for (let x = 0; x < 10; x++) expect(column(raster, x)[x]).toBe(255);
  });

  it("gives a pixel that is covered in part that part of the colour", () => {
    const raster = new Raster(1, 4);
    raster.move(0, 1.75);
    raster.line(0, 2.25);
    raster.ink(RED, 1);
    expect(column(raster, 0)).toEqual([0, 191, 191, 0]);
  });

  it("leaves what is outside alone", () => {
    const raster = new Raster(4, 4);
    raster.move(-5, -50);
    raster.line(-2, 90);
    raster.move(9, 1);
    raster.line(20, 1);
    raster.move(1, -30);
    raster.line(2, -10);
    raster.ink(RED, 1);
    expect(raster.pixels.every((value) => value === 0)).toBe(true);
  });

  it("leaves columns out of a dashed line", () => {
    const raster = new Raster(40, 3);
    raster.move(0, 1);
    raster.line(40, 1);
    raster.ink(RED, 1, 1);
    const drawn = Array.from({ length: 40 }, (_, x) => (column(raster, x)[1] ?? 0) > 0);
    expect(drawn).toContain(true);
    expect(drawn).toContain(false);
  });
});
