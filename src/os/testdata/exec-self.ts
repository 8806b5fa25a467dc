// How tests call what a k0s calls as itself, to start other programs.

import { join } from "node:path";

export const execSelf: readonly string[] = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  join(import.meta.dir, "exec-main.ts"),
];
