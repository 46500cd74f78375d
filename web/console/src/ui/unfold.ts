// Unfold: how something that comes or goes makes room for itself; at once, where a person wants no motion.
import { prefersReducedMotion } from "svelte/motion";
import { slide, type TransitionConfig } from "svelte/transition";

const MS = 160;

/** A transition of height, for a row or a banner. */
export function unfold(node: Element): TransitionConfig {
  return slide(node, { duration: prefersReducedMotion.current ? 0 : MS });
}
