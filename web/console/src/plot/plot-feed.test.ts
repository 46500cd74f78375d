import { beforeEach, describe, expect, it, vi } from "vitest";
import { chartOf, FakeSource } from "./fakes.ts";
import { type FeedEvents, PlotFeed } from "./plot-feed.ts";

const SECOND = 1e6;
const NOW = 1000 * SECOND;
const LIVE = { from: NOW - 10 * SECOND, to: NOW };

function feedOf(source: FakeSource, events: Partial<FeedEvents> = {}): PlotFeed {
  const none = () => {};
  return new PlotFeed(source, "auto", {
    changed: none,
    found: none,
    loading: none,
    loaded: none,
    ...events,
  });
}

async function asks(source: FakeSource, feed: PlotFeed, span = LIVE, live = true) {
  feed.want(span, 10, live);
  await vi.advanceTimersByTimeAsync(0);
  return source.asked.at(-1) ?? expect.unreachable();
}

/** The values of the first series that are drawn of a stretch. */
function drawn(feed: PlotFeed, span = LIVE): number[] {
  const low = feed.gridFor(span)?.columns[0]?.low ?? [];
  return [...low].filter((value) => !Number.isNaN(value));
}

describe("the feed of a plot", () => {
  beforeEach(() => void vi.useFakeTimers());

  it("has no hole between the past and the present, and nothing twice", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    source.bring(["t", NOW - 3 * SECOND, 1]);
    const asked = await asks(source, feed);
    // While the server reads, what it will have read and what it will not have both come.
    source.bring(["t", NOW - 2 * SECOND, 2], ["t", NOW - SECOND, 3]);
    const past = chartOf(LIVE.from, LIVE.to, SECOND, [
      ["t", NOW - 3 * SECOND, 1],
      ["t", NOW - 2 * SECOND, 2],
    ]);
    asked.answer(past);
    await vi.advanceTimersByTimeAsync(0);
    source.bring(["t", NOW, 4]);
    expect(drawn(feed)).toEqual([1, 2, 3, 4]);
  });

  it("keeps the old picture until the new one is there", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    (await asks(source, feed)).answer(
      chartOf(LIVE.from, LIVE.to, SECOND, [["t", NOW - SECOND, 5]]),
    );
    await vi.advanceTimersByTimeAsync(0);
    const span = { from: NOW - 2 * SECOND, to: NOW - SECOND / 2 };
    const asked = await asks(source, feed, span, false);
    expect(drawn(feed, span)).toEqual([5]);
    asked.answer(chartOf(span.from, span.to, SECOND / 10, [["t", NOW - SECOND, 6]]));
    await vi.advanceTimersByTimeAsync(0);
    expect(drawn(feed, span)).toEqual([6]);
  });

  it("asks once for many wishes, and drops a question that is of no use any more", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    for (let at = 1; at < 5; at++) feed.want({ from: 0, to: at * SECOND }, 10, false, 100);
    await vi.advanceTimersByTimeAsync(100);
    expect(source.asked.length).toBe(1);
    const first = source.asked[0] ?? expect.unreachable();
    await asks(source, feed);
    expect(first.signal?.aborted).toBe(true);
  });

  it("tells what the server says, and shows the present all the same", async () => {
    const source = new FakeSource();
    const problems: unknown[] = [];
    const feed = feedOf(source, { loading: (_, problem) => problems.push(problem) });
    const asked = await asks(source, feed);
    asked.refuse(new Error("no"));
    await vi.advanceTimersByTimeAsync(0);
    expect(problems.at(-1)).toEqual(new Error("no"));
    source.bring(["t", NOW, 4]);
    expect(drawn(feed)).toEqual([4]);
  });

  it("forgets what another journal had", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    (await asks(source, feed)).answer(chartOf(LIVE.from, LIVE.to, SECOND, [["t", NOW, 5]]));
    await vi.advanceTimersByTimeAsync(0);
    const gap = { kind: "gap", live: false, offset: 0, end: 0, time: NOW, bytes: new Uint8Array() };
    source.subscriptions[0]?.sink.gap?.({ ...gap, kind: "gap" });
    expect(feed.gridFor(LIVE)).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    expect(source.asked.length).toBe(2);
  });

  it("asks again when the server is back", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    (await asks(source, feed)).refuse(new Error("offline"));
    await vi.advanceTimersByTimeAsync(0);
    source.subscriptions[0]?.sink.begin?.({ from: 0, oldest: 0, head: 0, resumed: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(source.asked.length).toBe(2);
  });

  it("does not connect what lies on both sides of a gap", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    (await asks(source, feed)).answer(chartOf(LIVE.from, LIVE.to, SECOND, [["t", NOW, 5]]));
    await vi.advanceTimersByTimeAsync(0);
    const gap = { kind: "gap", live: true, offset: 5, end: 9, bytes: new Uint8Array() } as const;
    source.subscriptions[0]?.sink.gap?.({ ...gap, time: NOW - SECOND });
    const grid = feed.gridFor(LIVE);
    expect(grid?.columns[0]?.broken[grid.indexOf(NOW - SECOND)]).toBe(1);
  });

  it("shows what was held as it was, while it collects what comes", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    (await asks(source, feed)).answer(
      chartOf(LIVE.from, LIVE.to, SECOND, [["t", NOW - SECOND, 5]]),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.hold()).toBe(true);
    source.bring(["t", NOW + SECOND / 10, 7]);
    expect(drawn(feed)).toEqual([5]);
    source.bring(["t", NOW + 60 * SECOND, 6]);
    expect(drawn(feed)).toEqual([5]);
    expect(drawn(feed, { from: NOW + 55 * SECOND, to: NOW + 60 * SECOND })).toEqual([6]);
  });

  it("shows what came while it was held as soon as the present is wanted again", async () => {
    const source = new FakeSource();
    const feed = feedOf(source);
    expect(feed.hold()).toBe(false);
    (await asks(source, feed)).answer(
      chartOf(LIVE.from, LIVE.to, SECOND, [["t", NOW - SECOND, 5]]),
    );
    await vi.advanceTimersByTimeAsync(0);
    feed.hold();
    source.bring(["t", NOW + SECOND / 10, 7]);
    feed.want(LIVE, 10, true);
    expect(drawn(feed)).toEqual([5, 7]);
  });

  it("ends with its subscription", () => {
    const source = new FakeSource();
    feedOf(source).close();
    expect(source.subscriptions[0]?.closed).toBe(true);
  });
});
