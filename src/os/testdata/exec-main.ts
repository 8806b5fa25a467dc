// Stands for src/main.ts in tests of the exec helper: dispatches `__exec` and nothing else.

import { runExecHelper } from "../exec-helper.ts";

process.exitCode = runExecHelper(process.argv.slice(3));
