// How much room there is: a phone's layout, and the height that an on-screen keyboard leaves.
import { MediaQuery } from "svelte/reactivity";

/** Whether the page has a phone's width. */
export const narrow = new MediaQuery("max-width: 759px");
/** Whether fingers point, so that keys a phone lacks are shown. */
export const touch = new MediaQuery("pointer: coarse");

/** Keeps `--viewport` at the height that is really seen: keyboards of iOS lie over the page. */
export function followViewport(): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => {};
  const apply = () => {
    document.documentElement.style.setProperty("--viewport", `${viewport.height}px`);
    window.scrollTo(0, 0);
  };
  apply();
  viewport.addEventListener("resize", apply);
  return () => viewport.removeEventListener("resize", apply);
}
