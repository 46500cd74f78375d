// The time of day, ticking each second only while something on the page shows it.
import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

/** Milliseconds since the epoch; whoever reads it in a component is drawn again each second. */
export function now(): number {
  subscribe();
  return Date.now();
}
