import { describe, expect, it } from "vitest";
import { DEFAULT_FORM, expectedSize, FORMATS, fileName, saveAddress } from "./save-form.ts";

const PARTS = { view: { from: 100, to: 200 }, selection: { from: 7, to: null } };
const address = (change: Partial<typeof DEFAULT_FORM>, port = "board") => {
  const url = new URL(
    saveAddress(port, { ...DEFAULT_FORM, ...change }, PARTS, 9, "http://h/"),
    "http://h/",
  );
  return { path: url.pathname, ...Object.fromEntries(url.searchParams) };
};

describe("saving", () => {
  it("asks for everything, as text with times", () => {
    expect(address({})).toEqual({
      path: "/api/v1/ports/board/history",
      format: "text",
      kind: "rx,tx,note",
    });
  });

  it("asks for the stretch in view or selected, of the journal that they are of", () => {
    expect(address({ part: "view" })).toMatchObject({ from: "100", to: "200", journal: "9" });
    const selection = address({ part: "selection" });
    expect(selection).toMatchObject({ from: "7", journal: "9" });
    expect(selection).not.toHaveProperty("to");
  });

  it("asks for a stretch of time", () => {
    const from = "2026-11-22T10:00:00";
    expect(address({ part: "times", from })).toMatchObject({
      from: `@${new Date(from).getTime() * 1000}`,
    });
    expect(address({ part: "times", from })).not.toHaveProperty("to");
    expect(address({ part: "all", from })).not.toHaveProperty("from");
  });

  it("says only what a format knows", () => {
    const all = { times: false, escapes: true, skipGaps: true };
    expect(address({ ...all, format: "text" })).toMatchObject({ times: "no", escapes: "yes" });
    expect(address({ ...all, format: "text" })).not.toHaveProperty("gaps");
    expect(address({ ...all, format: "raw" })).toEqual({
      path: "/api/v1/ports/board/history",
      format: "raw",
      gaps: "skip",
    });
    expect(address({ ...all, format: "csv", kinds: ["tx"] })).toEqual({
      path: "/api/v1/ports/board/history",
      format: "csv",
      kind: "tx",
    });
  });

  it("lets no port name out of its place", () => {
    expect(address({}, "../x?&#").path).toBe("/api/v1/ports/..%2Fx%3F%26%23/history");
  });

  it("suggests a file name without a path", () => {
    const time = new Date("2026-11-22T19:50:00Z");
    expect(fileName("sensor", "csv", time)).toBe("sensor_2026-11-22T19-50-00.csv");
    for (const name of ["../../etc/passwd", "C:\\x", "\u0000", ".hidden", "a/b", "größe 7"]) {
      for (const { format } of FORMATS) {
        expect(fileName(name, format, time)).toMatch(/^[\p{L}\p{N}_-][\p{L}\p{N}._-]*$/u);
      }
    }
  });

  it("expects more of formats that say more", () => {
    const size = (change: Partial<typeof DEFAULT_FORM>) =>
      expectedSize({ ...DEFAULT_FORM, ...change }, 1000);
    expect(size({ format: "raw" })).toBe(1000);
    expect(size({ times: false })).toBeLessThan(size({ times: true }));
  });
});
