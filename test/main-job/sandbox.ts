// The sandbox of `make run`, and its end.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

export const sandboxName = "run";
export const k0s = resolve("dist/k0s");

/** Deletes the sandbox if it is there; the exit code of the command. */
export function deleteSandbox(output: "inherit" | "ignore"): number {
  const command = ["sandbox", "delete", sandboxName];
  return spawnSync(k0s, command, { stdio: ["ignore", output, output], timeout: 60_000 }).status ?? 1;
}
