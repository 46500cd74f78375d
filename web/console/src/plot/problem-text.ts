// ProblemText: what went wrong with a plot, in words for people.
import { SerialdError } from "seriald";

/** Says what went wrong, and the way out where there is one. */
export function problemText(problem: unknown): string {
  if (!(problem instanceof SerialdError))
    return problem instanceof Error ? problem.message : String(problem);
  if (problem.code === "unknown-port") return "This port is not there any more.";
  if (problem.detail.status === 404)
    return "This server is older than this page and does not read values yet.";
  return problem.message;
}
