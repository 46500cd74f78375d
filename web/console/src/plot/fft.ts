// FFT: the discrete Fourier transform by halves (radix 2), in place.

/** Transforms a signal, whose length is a power of two. */
export function fft(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  reverse(real, imaginary);
  for (let half = 1; half < size; half *= 2) {
    for (let turn = 0; turn < half; turn++) {
      const angle = (-Math.PI * turn) / half;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let a = turn; a < size; a += 2 * half) {
        const b = a + half;
        const [re, im] = [real[b] as number, imaginary[b] as number];
        const re2 = re * cosine - im * sine;
        const im2 = re * sine + im * cosine;
        real[b] = (real[a] as number) - re2;
        imaginary[b] = (imaginary[a] as number) - im2;
        (real[a] as number) += re2;
        (imaginary[a] as number) += im2;
      }
    }
  }
}

// Puts each entry where the bits of its number, read backwards, say.
function reverse(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  for (let a = 1, b = 0; a < size; a++) {
    let bit = size >> 1;
    for (; b & bit; bit >>= 1) b ^= bit;
    b ^= bit;
    if (a >= b) continue;
    [real[a], real[b]] = [real[b] as number, real[a] as number];
    [imaginary[a], imaginary[b]] = [imaginary[b] as number, imaginary[a] as number];
  }
}
