// Permission: whether this browser may notify its person, who is asked on a click only.
import { preferences } from "../model/preferences.svelte.ts";
import { say } from "../ui/toasts.svelte.ts";

/** Whether this browser could notify at all. */
export function canNotify(): boolean {
  return "Notification" in globalThis && globalThis.isSecureContext;
}

/** Whether the person wants to be notified, and the browser lets us. */
export function isAllowed(): boolean {
  return preferences.notify && canNotify() && Notification.permission === "granted";
}

/** Turns notifications on, for which the browser may ask; or off. */
export async function toggleNotifications(): Promise<void> {
  if (isAllowed()) {
    preferences.notify = false;
    say("Alerts are shown in the console only.");
    return;
  }
  if (!canNotify()) {
    say("Browsers notify only for pages at https addresses or on localhost.", true);
    return;
  }
  if ((await Notification.requestPermission()) === "granted") {
    preferences.notify = true;
    say("This browser will notify you of alerts while a console is open.");
  } else {
    say("The browser does not let this page notify you: allow it in the site's settings.", true);
  }
}
