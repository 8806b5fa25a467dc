// Entry point of the helper when the sources run without having been compiled: `bun src/sandbox/helper-main.ts MODE …`.

import { runHelper } from "./helper.ts";

await runHelper(process.argv.slice(2));
