// What a k0s that is gone has ended with, from the end of its log.

import { oneLine } from "../../status/problems/problem.ts";
import { tellingWord } from "../../status/problems/components.ts";
import type { LogEnd } from "./examined-node.ts";

/** What k0s itself ended with. An error that it has logged before is not the reason why it does not run. */
export function lastWord(log: LogEnd | undefined): string | undefined {
  const said = (log?.lines ?? []).map((line) => line.replace(/^time="[^"]*" /, ""));
  const last = said.findLast((line) => /^Error: |^panic: |msg="The node has ended with an error"/.test(line));
  // It has been started again since, and ended otherwise.
  if (last === undefined || said.slice(said.lastIndexOf(last)).some((line) => /level=info/.test(line)))
    return undefined;
  const word = tellingWord([last]);
  return word === undefined ? undefined : oneLine(word.replace(/^Error: /, ""));
}

/** Whether the checks of a start have refused it, be it that a service manager tries again just now. */
export function isRefused(log: LogEnd | undefined): boolean {
  return log?.lines.some((line) => line.includes("Error: pre-flight checks failed")) === true;
}
