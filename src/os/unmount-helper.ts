// `k0s __unmount [--force] -- TARGET...`: the calls that may never return, in a process that nobody has to wait for. Internal:
// its command line is made, and its lines are read, by unmount-all.ts only.

import { writeSync } from "node:fs";
import { errorMessage } from "../std/errors.ts";
import { unmount } from "./mounts.ts";

/** What it says: once that it runs, then a line for each target, in order, when its call has returned. */
export interface UnmountReport {
  /** Undefined: it is off. */
  readonly problem?: string;
}

export function runUnmountHelper(argv: readonly string[]): number {
  const end = argv.indexOf("--");
  const force = argv.slice(0, end).includes("--force");
  report({});
  for (const target of argv.slice(end + 1)) {
    try {
      unmount(target, { force });
      report({});
    } catch (err) {
      report({ problem: errorMessage(err) });
    }
  }
  return 0;
}

function report(line: UnmountReport): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
