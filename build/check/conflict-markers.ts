// No file of the tree holds the markers of a merge that nobody ended: in a page of words nothing else would notice.

import { spawnSync } from "node:child_process";

/** The lines with a marker of an unfinished merge, or undefined. What .gitignore names does not count; there need be no repository. */
export function conflictMarkers(directory = "."): string | undefined {
  const argv = ["grep", "--no-index", "--exclude-standard", "-nIE", "^(<{7}|>{7}) "];
  const found = spawnSync("git", argv, { cwd: directory, encoding: "utf8" });
  if (found.error !== undefined) return found.error.message;
  // git grep ends with 1 when there is nothing to show.
  if (found.status === 1) return undefined;
  return `${found.stdout}${found.stderr}`.trim();
}
