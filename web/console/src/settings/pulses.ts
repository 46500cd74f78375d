// The named pulse sequences that the server plays.

export const PULSES = [
  {
    sequence: "arduino-reset",
    text: "Arduino reset",
    hint: "Drops DTR for a moment, as avrdude does",
  },
  { sequence: "esp-reset", text: "ESP reset", hint: "Resets an ESP board into its own program" },
  {
    sequence: "esp-bootloader",
    text: "ESP loader",
    hint: "Resets an ESP board into its bootloader, for flashing",
  },
] as const;
