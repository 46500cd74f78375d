// Jobs of the worker that runs patterns: test many rows, or find the places in a few.
import { compile, type RangesJob, rangesIn, type TestJob } from "./pattern.ts";
import { decode, withoutEscapes } from "./text.ts";

/** Does a job: a 1 or 0 for each row, or the places in each text. */
export function runJob(job: TestJob | RangesJob): Uint8Array | number[][] {
  const expression = compile(job.pattern);
  if (job.kind === "ranges") return job.texts.map((text) => rangesIn(expression, text));
  const hits = new Uint8Array(job.ends.length);
  let from = 0;
  job.ends.forEach((end, at) => {
    expression.lastIndex = 0;
    hits[at] = expression.test(withoutEscapes(decode(job.bytes.subarray(from, end)))) ? 1 : 0;
    from = end;
  });
  return hits;
}
