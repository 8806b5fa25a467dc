// For a process that has just entered a group of its sandbox: the sandbox may have been removed before it came.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Hierarchy, leaveGroups, removeGroups } from "./cgroups.ts";
import { sandboxDirs } from "./sandbox-dirs.ts";

/** Throws, and takes the group away again, when nothing of the sandbox's state is there any more. */
export function endIfRemoved(hierarchies: readonly Hierarchy[], sandbox: string, group: string): void {
  // A removal ends the groups once more after the state is gone: one of the two sees the other.
  if (existsSync(join(sandboxDirs.runDir, sandbox))) return;
  leaveGroups(hierarchies);
  removeGroups(hierarchies, group);
  throw new Error(`sandbox ${sandbox} was removed meanwhile`);
}
