import { describe, expect, it } from "vitest";
import { DEFAULTS, readPreferences } from "./preferences.svelte.ts";

describe("stored preferences", () => {
  it("come back as they were kept", () => {
    const kept = { ...DEFAULTS, theme: "dark", ending: "crlf", lineDelay: 100, settings: false };
    expect(readPreferences(JSON.stringify(kept))).toEqual(kept);
  });

  it.each([null, "", "{", "7", "null", "[]", '"x"'])(
    "are the defaults where %j was stored",
    (text) => expect(readPreferences(text)).toEqual(DEFAULTS),
  );

  it("lose only the values that make no sense", () => {
    const text =
      '{"theme":"pink","ending":"cr","lineDelay":-1,"chunk":1e9,"list":"yes","view":"hex"}';
    expect(readPreferences(text)).toEqual({ ...DEFAULTS, ending: "cr", view: "hex" });
  });

  it("bring no key of their own", () => {
    expect(readPreferences('{"__proto__":{"theme":"dark"},"evil":1}')).toEqual(DEFAULTS);
  });
});
