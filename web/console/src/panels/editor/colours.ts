// Colours of what is good or bad, as one chooses them.
import type { Colour } from "seriald";

export const COLOURS: readonly { value: Colour; text: string }[] = [
  { value: "good", text: "Good" },
  { value: "warn", text: "Warning" },
  { value: "bad", text: "Bad" },
];
