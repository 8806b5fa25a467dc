// `make stop`: ends what `make run` started.

import { spawnSync } from "node:child_process";
import { sandboxName } from "./sandbox-name.ts";

const result = spawnSync("dist/k0s", ["sandbox", "delete", sandboxName], {
  stdio: "inherit",
  timeout: 60_000,
});
process.exit(result.status ?? 1);
