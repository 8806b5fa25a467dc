// The sandbox of `make run`, and its end.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { knownNames } from "../../src/sandbox/sandbox-state.ts";
import { describeEnd } from "../../src/std/program-end.ts";

export const sandboxName = "run";
export const k0s = resolve("dist/k0s");

/** Deletes the sandbox if it is there; returns whether it was. */
export async function deleteSandbox(): Promise<boolean> {
  if (!(await knownNames()).includes(sandboxName)) return false;
  if (!existsSync(k0s)) throw new Error(`${k0s} is needed to end the sandbox: make build`);
  const args = ["sandbox", "delete", sandboxName];
  const result = spawnSync(k0s, args, { stdio: "inherit", timeout: 60_000 });
  if (result.status === 0) return true;
  throw new Error(`k0s ${args.join(" ")} ${describeEnd({ code: result.status, signal: result.signal })}`);
}
