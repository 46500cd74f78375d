// Tell: what triggers want people to know, on the page and, for those who look elsewhere, by the browser.
import type { Alert } from "seriald";
import { call } from "../ui/toasts.svelte.ts";
import { isAllowed } from "./permission.ts";

/** The latest notification of each trigger: another one takes its place. */
const latest = new Map<string, Notification>();

/** What an alert is about, in one line. */
export function headline({ port, title, trigger }: Alert): string {
  return `${port}: ${title || trigger}`;
}

/** Tells an alert; who touches it is led to its line. */
export function tell(alert: Alert, goTo: (port: string, offset: number) => void): void {
  const show = () => goTo(alert.port, alert.offset);
  const headed = headline(alert);
  call(alert.text ? `${headed} · ${alert.text}` : headed, show);
  if (isAllowed() && !document.hasFocus()) notify(alert, headed, show);
}

function notify(alert: Alert, headed: string, show: () => void): void {
  const { port, panel, trigger, text, offset } = alert;
  const key = JSON.stringify([port, panel, trigger]);
  latest.get(key)?.close();
  try {
    // The same tag on all pages of this browser: one event is told once.
    const notification = new Notification(headed, { body: text, tag: `${key}${offset}` });
    latest.set(key, notification);
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      show();
    });
  } catch {
    // Some phones have the constructor and refuse it; the page has told it.
  }
}
