// How alerts are told: always on the page, and by the browser only to who wants it and looks elsewhere.
import type { Alert } from "seriald";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { preferences } from "../model/preferences.svelte.ts";
import { dismiss, toasts } from "../ui/toasts.svelte.ts";
import { isAllowed, toggleNotifications } from "./permission.ts";
import { tell } from "./tell.ts";

const ALERT: Alert = {
  port: "sensor",
  panel: "weather",
  trigger: "hot",
  title: "Too hot",
  text: "It is 41 °C",
  offset: 9000,
  time: 0,
};

class FakeNotification extends EventTarget {
  static permission = "granted";
  static asked = 0;
  static all: FakeNotification[] = [];
  closed = false;

  static async requestPermission(): Promise<string> {
    FakeNotification.asked++;
    return FakeNotification.permission;
  }

  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    super();
    FakeNotification.all.push(this);
  }

  close(): void {
    this.closed = true;
  }
}

const shown: [string, number][] = [];
const goTo = (port: string, offset: number) => void shown.push([port, offset]);
const focus = vi.fn();
let hasFocus = false;

beforeEach(() => {
  vi.stubGlobal("Notification", FakeNotification);
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("document", { hasFocus: () => hasFocus });
  vi.stubGlobal("window", { focus });
  Object.assign(FakeNotification, { permission: "granted", asked: 0, all: [] });
  hasFocus = false;
  preferences.notify = true;
  shown.length = 0;
});

afterEach(() => {
  for (const { id } of [...toasts()]) dismiss(id);
  vi.unstubAllGlobals();
});

test("an alert is told on the page, and leads to its line", () => {
  preferences.notify = false;
  tell(ALERT, goTo);
  const [toast] = toasts();
  expect(toast?.text).toBe("sensor: Too hot · It is 41 °C");
  toast?.show?.();
  expect(shown).toEqual([["sensor", 9000]]);
  expect(FakeNotification.all).toEqual([]);
});

test("who looks elsewhere is notified, once for each event, and led to the line by a click", () => {
  tell(ALERT, goTo);
  tell({ ...ALERT, offset: 9100 }, goTo);
  const [first, second] = FakeNotification.all;
  expect([first?.title, first?.options.body]).toEqual(["sensor: Too hot", "It is 41 °C"]);
  expect(first?.options.tag).not.toBe(second?.options.tag);
  expect([first?.closed, second?.closed]).toEqual([true, false]);
  second?.dispatchEvent(new Event("click"));
  expect(focus).toHaveBeenCalled();
  expect(shown).toEqual([["sensor", 9100]]);
});

test("who looks at the page is not", () => {
  hasFocus = true;
  tell(ALERT, goTo);
  expect(FakeNotification.all).toEqual([]);
});

test("a browser that refuses the notification does no harm", () => {
  vi.stubGlobal(
    "Notification",
    class extends FakeNotification {
      constructor() {
        super("", {});
        throw new TypeError("Illegal constructor");
      }
    },
  );
  tell(ALERT, goTo);
  expect(toasts().length).toBe(1);
});

test("the browser is asked by a toggle only, and its no is told with the way out", async () => {
  preferences.notify = false;
  expect(isAllowed()).toBe(false);
  FakeNotification.permission = "denied";
  await toggleNotifications();
  expect([FakeNotification.asked, preferences.notify]).toEqual([1, false]);
  expect(toasts().at(-1)).toMatchObject({ bad: true, text: expect.stringContaining("settings") });
  FakeNotification.permission = "granted";
  await toggleNotifications();
  expect(isAllowed()).toBe(true);
  await toggleNotifications();
  expect([FakeNotification.asked, preferences.notify]).toEqual([2, false]);
});

test("where a browser cannot notify, it says why", async () => {
  preferences.notify = false;
  vi.stubGlobal("isSecureContext", false);
  await toggleNotifications();
  expect(FakeNotification.asked).toBe(0);
  expect(toasts().at(-1)?.text).toMatch(/https/);
});
