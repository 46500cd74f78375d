// Spectrum: how strong which frequencies are in a stretch of values.
import { fft } from "./fft.ts";

export interface Spectrum {
  /** Between two entries, in Hz. */
  step: number;
  /** Amplitudes in the values' own unit, from 0 Hz to half the sample rate. */
  amplitudes: Float64Array;
}

const FEWEST = 16;
const MOST = 1 << 15;

/**
 * The spectrum of the newest values, as many as are a power of two; null where they are too few. `times` are in µs, and only
 * tell the rate: lines of one burst get about the same time, though the device measured at even distances.
 */
export function spectrumOf(times: ArrayLike<number>, values: ArrayLike<number>): Spectrum | null {
  if (values.length < FEWEST) return null;
  const size = Math.min(MOST, 2 ** Math.floor(Math.log2(values.length)));
  const first = values.length - size;
  const seconds = ((times[values.length - 1] as number) - (times[first] as number)) / 1e6;
  if (!(seconds > 0)) return null;
  const rate = (size - 1) / seconds;
  let mean = 0;
  for (let at = 0; at < size; at++) mean += (values[first + at] as number) / size;
  const real = new Float64Array(size);
  for (let at = 0; at < size; at++)
    real[at] = ((values[first + at] as number) - mean) * hann(at, size);
  const imaginary = new Float64Array(size);
  fft(real, imaginary);
  // A window of Hann takes half of the amplitude, and the other half of that is at the negative frequencies.
  const amplitudes = new Float64Array(size / 2);
  for (let at = 0; at < size / 2; at++)
    amplitudes[at] = (Math.hypot(real[at] as number, imaginary[at] as number) * 4) / size;
  return { step: rate / size, amplitudes };
}

function hann(at: number, size: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / size);
}
