import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { PortStore } from "../../views/port-store.ts";
import { Offers } from "./offers.svelte.ts";

const LINE = '{"seriald":1,"title":"Arm","widgets":[]}';

/** A log that grows by text. */
class Log {
  text = "";
  oldest = 0;
  generation = 0;
  isLive = true;
  draw = () => {};
  get head(): number {
    return this.text.length;
  }
  bytes(from: number, to: number): Uint8Array {
    return new TextEncoder().encode(this.text.slice(from, to));
  }
  onframe(draw: () => void): () => void {
    this.draw = draw;
    return () => {};
  }
  say(text: string): void {
    this.text += text;
    this.draw();
  }
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});
afterEach(() => void vi.unstubAllGlobals());

function rig(wasAsked = false) {
  const log = new Log();
  const offers = new Offers({ log } as unknown as PortStore, "arm", () => wasAsked);
  offers.follow();
  return { log, offers };
}

it("What a device describes is offered, for its port, until somebody decides", () => {
  const { log, offers } = rig();
  log.say(`boot\n${LINE.slice(0, 20)}`);
  expect(offers.offer).toBeNull();
  log.say(`${LINE.slice(20)}\n`);
  expect(offers.offer?.panel).toMatchObject({ title: "Arm", for: { port: "arm" } });
  offers.decide();
  expect(offers.offer).toBeNull();
});

it("What was decided is not offered again, unless the device is asked", () => {
  const first = rig();
  first.log.say(`\n${LINE}\n`);
  first.offers.decide();
  first.log.say(`${LINE}\n`);
  expect(first.offers.offer).toBeNull();
  const later = rig();
  later.log.say(`\n${LINE}\n`);
  expect(later.offers.offer).toBeNull();
  const asked = rig(true);
  asked.log.say(`\n${LINE}\n`);
  expect(asked.offers.offer).not.toBeNull();
});

it.each([
  '{"seriald":1,"title":"x"',
  '{"seriald":2,"title":"x"}',
  '{"seriald":1,"title":"x","widgets":[{"type":"bomb"}]}',
])("A line that is no panel is passed over: %s", (line) => {
  const { log, offers } = rig();
  log.say(`\n${line}\n`);
  expect(offers.offer).toBeNull();
});

it("Of a flood, and of the past that somebody looks at, nothing is offered", () => {
  const { log, offers } = rig();
  log.isLive = false;
  log.say(`\n${LINE}\n`);
  expect(offers.offer).toBeNull();
  log.isLive = true;
  log.say("x".repeat(300 * 1024));
  expect(offers.offer).toBeNull();
});
