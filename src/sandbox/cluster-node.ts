// One k0s in a machine of a throw-away cluster: started so that it outlives us, its progress followed.

import { mkdir, open, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ProcessId } from "../os/processes.ts";
import type { Progress } from "../std/progress.ts";
import { progressLinesVariable } from "../std/progress-lines.ts";
import { followNode } from "./follow-node.ts";
import type { Machine } from "./machine.ts";

export const k0sInMachine = "/usr/local/bin/k0s";
/** Where the machines have k0s' own files, as they see it. */
const ourFolder = "/var/lib/k0s-sandbox";

export interface NodeStart {
  readonly role: "controller" | "worker";
  readonly args: readonly string[];
  /** Text of the configuration file. */
  readonly config?: string | undefined;
  readonly joinToken?: string | undefined;
}

/** Resolves when the node that was started says that it is ready. */
export function nodeReady(
  machine: Machine,
  k0s: ProcessId,
  io: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  return followNode({ node: k0s, file: hostFile(machine, "progress"), ...io });
}

export async function startNode(machine: Machine, start: NodeStart): Promise<ProcessId> {
  await mkdir(hostFile(machine, "."), { recursive: true, mode: 0o755 });
  const config = await given(machine, "--config", "k0s.yaml", start.config);
  const token = await given(machine, "--token-file", "token", start.joinToken);
  const log = await open(hostFile(machine, "k0s.log"), "a", 0o640);
  const lines = await open(hostFile(machine, "progress"), "a", 0o640);
  try {
    return await machine.startDetached([k0sInMachine, start.role, ...start.args, ...config, ...token], {
      env: { [progressLinesVariable]: "1" },
      stdout: log.fd,
      stderr: lines.fd,
    });
  } finally {
    await Promise.all([log.close(), lines.close()]);
  }
}

async function given(
  machine: Machine,
  flag: string,
  name: string,
  text: string | undefined,
): Promise<readonly string[]> {
  if (text === undefined) return [];
  await writeFile(hostFile(machine, name), text, { mode: 0o600 });
  return [flag, `${ourFolder}/${name}`];
}

/** On the machine's disk as the host has it: a link in the machine's root cannot lead elsewhere. */
function hostFile(machine: Machine, name: string): string {
  return join(machine.record.diskDir, "lib", basename(ourFolder), name);
}
