// The moment that the address names: brought into sight, and taken out of the address by whoever goes back to the present.
import { untrack } from "svelte";
import type { Navigation } from "../navigation.svelte.ts";
import type { Screen } from "../port/screen.svelte.ts";
import { momentIn } from "./link.ts";
import type { LookBack } from "./look-back.svelte.ts";

/** Follows the address as long as the component lasts that calls it. */
export function followLinkedMoment(
  navigation: Navigation,
  lookBack: LookBack,
  screen: () => Screen | null,
): void {
  // As text: another view of a moment is no other moment.
  const linked = $derived(JSON.stringify(momentIn(navigation.route)));
  $effect(() => {
    const moment = JSON.parse(linked);
    const { name: port } = navigation;
    if (moment && port !== null) lookBack.wanted = { port, ...moment };
  });

  let isAway = false;
  $effect(() => {
    const isPresent = screen()?.status.following ?? true;
    if (isAway && isPresent && linked !== "null") untrack(() => leave(navigation));
    isAway = !isPresent;
  });
}

function leave(navigation: Navigation): void {
  const rest = new URLSearchParams(navigation.route.rest);
  rest.delete("at");
  rest.delete("j");
  navigation.replace({ ...navigation.route, rest });
}
