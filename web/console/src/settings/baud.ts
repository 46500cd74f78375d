// Baud rates: the ones people use, and any other whole number.

export const COMMON_BAUD = [
  300, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 74880, 115200, 230400, 250000, 460800, 500000,
  921600, 1000000, 1500000, 2000000, 3000000,
];

const MOST = 2 ** 32 - 1;

/** Reads a baud rate as people type it; null where it is none. */
export function parseBaud(text: string): number | null {
  const digits = text.replaceAll(/[\s_']/g, "");
  const baud = /^\d{1,10}$/.test(digits) ? Number(digits) : 0;
  return baud >= 1 && baud <= MOST ? baud : null;
}
