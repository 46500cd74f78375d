// Numbers of devices as text: as many digits as help, at most as many as fit.

/** A number for reading; without `digits` behind the point, at most so many that count. */
export function numberText(value: number | undefined, digits?: number, most = 6): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return withMinus(value.toExponential(digits ?? 3));
  return withMinus(
    digits === undefined ? String(Number(value.toPrecision(most))) : value.toFixed(digits),
  );
}

function withMinus(text: string): string {
  return text.replaceAll("-", "\u2212");
}

/** A unit as it stands behind a number: `°C` with a space, `%` with a thin one. */
export function unitText(unit: string | undefined): string {
  return unit ? `${unit === "%" ? "\u202f" : "\u00a0"}${unit}` : "";
}
