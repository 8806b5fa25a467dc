// What a component waits for, as a problem of its node.

import type { Reason } from "../../supervisor/waiting.ts";
import type { Problem } from "./problem.ts";

/** That something is waited for, with what a person can do; none while nothing is. */
export function waitingProblems(reason: Reason | undefined): readonly Problem[] {
  if (reason === undefined) return [];
  const text = reason.message.replace(/\.$/, "");
  return [reason.hint === undefined ? { text } : { text, remedy: reason.hint }];
}
