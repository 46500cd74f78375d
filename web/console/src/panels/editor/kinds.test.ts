import { describe, expect, it } from "vitest";
import { problemsOf } from "./check.ts";
import { KINDS } from "./kinds.ts";

describe("a widget that was just added", () => {
  it.each(KINDS.map((kind) => [kind.text, kind] as const))(
    "is whole, but for the series that it follows: %s",
    (_, { fresh, size }) => {
      const widget = { id: "w", at: [0, 0, ...size] as [number, number, number, number], ...fresh };
      const panel = {
        seriald: 1 as const,
        title: "x",
        widgets: [widget],
        macros: [],
        triggers: [],
      };
      const wrong = problemsOf(panel).map(({ at }) => at);
      expect(wrong.filter((at) => at !== "widgets[0].follow")).toEqual([]);
    },
  );
});
