import { describe, expect, it } from "vitest";
import { fft } from "./fft.ts";
import { histogramsOf } from "./histogram.ts";
import { spectrumOf } from "./spectrum.ts";

describe("the transform", () => {
  it("is what its definition says, for any signal", () => {
    const size = 32;
    const signal = Float64Array.from({ length: size }, (_, at) => Math.sin(at * at) + at / 7);
    const [real, imaginary] = [signal.slice(), new Float64Array(size)];
    fft(real, imaginary);
    for (let bin = 0; bin < size; bin++) {
      let [re, im] = [0, 0];
      for (let at = 0; at < size; at++) {
        re += (signal[at] as number) * Math.cos((2 * Math.PI * bin * at) / size);
        im -= (signal[at] as number) * Math.sin((2 * Math.PI * bin * at) / size);
      }
      expect(real[bin]).toBeCloseTo(re, 9);
      expect(imaginary[bin]).toBeCloseTo(im, 9);
    }
  });
});

describe("a spectrum", () => {
  const sampled = (rate: number, seconds: number, signal: (time: number) => number) => {
    const count = rate * seconds;
    const times = Array.from({ length: count }, (_, at) => 1.7e15 + (at * 1e6) / rate);
    return spectrumOf(
      times,
      times.map((_, at) => signal(at / rate)),
    );
  };

  it("has the amplitude of a wave at its frequency, whatever it swings around", () => {
    const spectrum = sampled(1000, 3, (time) => 40 + 2.5 * Math.sin(2 * Math.PI * 125 * time));
    const { step, amplitudes } = spectrum ?? expect.unreachable();
    const strongest = amplitudes.indexOf(Math.max(...amplitudes));
    expect(strongest * step).toBeCloseTo(125, 0);
    expect(amplitudes[strongest]).toBeCloseTo(2.5, 1);
    expect(amplitudes[0]).toBeLessThan(0.1);
  });

  it("is none where there are too few values or no time passed", () => {
    expect(spectrumOf([1, 2, 3], [1, 2, 3])).toBeNull();
    expect(spectrumOf(Array(64).fill(5), Array(64).fill(1))).toBeNull();
  });
});

describe("a histogram", () => {
  it("counts every value once, in bins that all series share", () => {
    const a = Float64Array.from({ length: 1000 }, (_, at) => at % 10);
    const b = Float64Array.from([-5, 20]);
    const [first, second] = histogramsOf([a, b]) ?? expect.unreachable();
    const sum = (counts: Float64Array | undefined) => counts?.reduce((x, y) => x + y, 0);
    expect([sum(first?.counts), sum(second?.counts)]).toEqual([1000, 2]);
    expect([first?.from, first?.step]).toEqual([second?.from, second?.step]);
  });

  it("has room for values that are all the same, and is none without values", () => {
    expect(histogramsOf([Float64Array.from([7, 7])])?.[0]?.counts.includes(2)).toBe(true);
    expect(histogramsOf([new Float64Array(0)])).toBeNull();
  });
});
