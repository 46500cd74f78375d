import { afterEach, expect, it, vi } from "vitest";
import { attempt } from "./attempt.ts";

afterEach(() => vi.useRealTimers());

const answering =
  (body: BodyInit | null, kind: string, status = 200) =>
  async () =>
    new Response(body, { status, headers: { "content-type": kind } });

it("shows JSON so that it can be read, also of a problem, and the rest as it is", async () => {
  const json = await attempt("/", answering('{"a":[1]}', "application/json"));
  expect(json).toMatchObject({ status: 200, text: '{\n  "a": [\n    1\n  ]\n}', isCut: false });
  const problem = await attempt("/", answering('{"b":2}', "application/problem+json", 404));
  expect(problem).toMatchObject({ status: 404, text: '{\n  "b": 2\n}' });
  expect((await attempt("/", answering("{", "application/json"))).text).toBe("{");
  expect((await attempt("/", answering('{"a":1}', "text/plain"))).text).toBe('{"a":1}');
});

it("reads no more than is good to show", async () => {
  const long = await attempt("/", answering("x".repeat(100_000), "text/plain"));
  expect([long.text.length, long.isCut]).toEqual([65_536, true]);
});

it("listens only for a while to what goes on and on", async () => {
  vi.useFakeTimers();
  const forever = new ReadableStream({
    start: (to) => to.enqueue(new TextEncoder().encode("event: ports\n")),
  });
  const listening = attempt("/", answering(forever, "text/event-stream"));
  await vi.advanceTimersByTimeAsync(3000);
  expect(await listening).toMatchObject({ text: "event: ports\n", isCut: true });
});
