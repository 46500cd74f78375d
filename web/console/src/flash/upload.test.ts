import { expect, it, vi } from "vitest";
import { uploading } from "./upload.ts";

/** The browser's request, played by the test. */
class Played {
  static readonly HEADERS_RECEIVED = 2;
  static last: Played;
  readonly upload: { onprogress?: (event: { loaded: number }) => void } = {};
  readonly sent: unknown[] = [];
  readyState = 0;
  status = 0;
  statusText = "";
  responseText = "";
  onreadystatechange = () => {};
  onprogress = () => {};
  onload = () => {};
  onabort = () => {};

  constructor() {
    Played.last = this;
  }

  open(method: string, address: string): void {
    this.sent.push(method, address);
  }

  setRequestHeader(name: string, value: string): void {
    this.sent.push(`${name}: ${value}`);
  }

  send(body: unknown): void {
    this.sent.push(body);
  }

  abort(): void {
    this.onabort();
  }

  answer(status: number): void {
    this.readyState = 2;
    this.status = status;
    this.onreadystatechange();
  }

  say(text: string): void {
    this.responseText += text;
    this.onprogress();
  }
}

vi.stubGlobal("XMLHttpRequest", Played);

it("What is sent is told, and the answer is read while it comes", async () => {
  const told: number[] = [];
  const asking = uploading((sent) => told.push(sent))("/x", {
    method: "POST",
    headers: { "seriald-name": "anna" },
    body: "firmware",
  });
  const { last } = Played;
  expect(last.sent).toEqual(["POST", "/x", "seriald-name: anna", "firmware"]);
  for (const loaded of [3, 8]) last.upload.onprogress?.({ loaded });
  expect(told).toEqual([3, 8]);
  last.answer(200);
  const { status, body } = await asking;
  const reader = (body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  last.say("one\n");
  expect([status, await reader.read()]).toEqual([200, { done: false, value: "one\n" }]);
  last.responseText += "zwölf\n";
  last.onload();
  expect(await reader.read()).toEqual({ done: false, value: "zwölf\n" });
  expect((await reader.read()).done).toBe(true);
});

it("What is given up is not sent on, and an answer that breaks off is told", async () => {
  const giving = new AbortController();
  const asking = uploading(() => {})("/x", { body: "x", signal: giving.signal });
  giving.abort();
  await expect(asking).rejects.toThrow("the connection broke");
  const answered = uploading(() => {})("/x");
  Played.last.answer(200);
  const reading = (await answered).text();
  Played.last.onabort();
  await expect(reading).rejects.toThrow("the connection broke");
});
