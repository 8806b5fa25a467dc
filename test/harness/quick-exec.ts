// A program that runs in a machine to its end, by the host's own nsenter: `k0s sandbox exec` is our runtime, which takes five
// times as long to start, and tests run thousands of such programs.

import { constants } from "node:os";
import { join } from "node:path";
import { groupFolders, hostHierarchies } from "../../src/sandbox/cgroups.ts";
import type { ExecOptions, ExecResult, Machine } from "../../src/sandbox/machine.ts";
import { defaultEnvironment } from "../../src/sandbox/machine.ts";

const nsenter = Bun.which("nsenter");
const folders = new Map<string, readonly string[]>();

/** Joins the groups, leaves no trace of itself in the environment, and enters; PATH of the machine decides which program it is. */
const script = `for one in $GROUPS_TO_JOIN; do echo 0 >$one; done
unset GROUPS_TO_JOIN PWD OLDPWD SHLVL _
exec "$@"`;

/** As the machine's own `exec`; undefined where that has to do it. */
export async function quickExec(
  machine: Machine,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult | undefined> {
  const { init, group } = machine.record;
  if (nsenter === null || init === undefined || !(await machine.running())) return undefined;
  const { env = {}, cwd = "/root" } = options;
  const all = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  // Opened before it enters: nsenter's own search would be outside.
  const enter = [nsenter, `--target=${init.pid}`, ...all, `--wd=/proc/${init.pid}/root${cwd}`, "--", ...argv];
  const result = await machine.runFor(argv, ["/bin/sh", "-c", script, "sh", ...enter], options, {
    ...defaultEnvironment,
    ...env,
    GROUPS_TO_JOIN: groupFiles(group).join(" "),
  });
  const { stdout, stderr } = result;
  const code = result.code ?? 128 + (result.signal === null ? 9 : constants.signals[result.signal]);
  return { code, stdout, stderr };
}

function groupFiles(group: string): readonly string[] {
  const known = folders.get(group);
  if (known !== undefined) return known;
  const files = groupFolders(hostHierarchies(), group).map((folder) => join(folder, "cgroup.procs"));
  folders.set(group, files);
  return files;
}
