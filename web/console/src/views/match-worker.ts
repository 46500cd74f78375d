// The worker that runs patterns, so that an expression that never ends stops nothing but itself.
import { runJob } from "./match-job.ts";

self.onmessage = ({ data }) => self.postMessage(runJob(data));
