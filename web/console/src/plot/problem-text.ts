// ProblemText: what went wrong with a plot, in words for people.
import { SerialdError } from "seriald";

/** Says what went wrong, and the way out where there is one. */
export function problemText(problem: unknown): string {
  if (problem instanceof SerialdError) {
    if (problem.code === "http-404" || problem.code === "not-found")
      return "This server does not read values yet: it is older than this page.";
    if (problem.code === "unknown-port") return "This port is not there any more.";
  }
  return problem instanceof Error ? problem.message : String(problem);
}
