import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dismiss, say, sayFailure, toasts } from "./toasts.svelte.ts";

const texts = () => toasts().map((toast) => toast.text);

describe("messages", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });

  it("go away by themselves, bad ones later", () => {
    say("done");
    sayFailure(new Error("no"));
    vi.advanceTimersByTime(5000);
    expect(texts()).toEqual(["no"]);
    vi.advanceTimersByTime(5000);
    expect(texts()).toEqual([]);
  });

  it("stand once, however often they are said, and never fill the page", () => {
    say("a");
    say("a");
    expect(texts()).toEqual(["a"]);
    for (const text of ["b", "c", "d"]) say(text);
    expect(texts()).toEqual(["b", "c", "d"]);
  });

  it("can be dismissed", () => {
    say("a");
    dismiss(toasts()[0]?.id ?? -1);
    expect(texts()).toEqual([]);
  });

  it("are not said about a person's own cancelling", () => {
    sayFailure(new DOMException("stopped", "AbortError"));
    expect(texts()).toEqual([]);
  });
});
