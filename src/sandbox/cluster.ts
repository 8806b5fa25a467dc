// A throw-away cluster in a sandbox: machines, a k0s on each, and the wait until the cluster is usable.

import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { loadClusterConfig } from "../config/load.ts";
import { defaultDataDir } from "../config/paths.ts";
import type { ProcessId } from "../os/processes.ts";
import { UserError } from "../std/errors.ts";
import type { Progress } from "../std/progress.ts";
import { progressLinesVariable } from "../std/progress-lines.ts";
import { followNode } from "./follow-node.ts";
import type { Machine } from "./machine.ts";
import type { MachineRoot } from "./machine-spec.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

export interface ClusterOptions {
  readonly name: string;
  /** Default 1: a single node. */
  readonly controllers?: number;
  readonly workers?: number;
  /** The k0s file that runs in the machines. */
  readonly k0sPath: string;
  /** Default: the host's own file system. */
  readonly root?: MachineRoot;
  /** Further arguments of `k0s controller`. */
  readonly args?: readonly string[];
  /** Configuration file of the cluster on this host. */
  readonly configFile?: string;
  /** Let the machines reach what the host reaches. */
  readonly uplink?: boolean;
  /** The cluster ends with this process. */
  readonly ephemeral?: boolean;
  /** Leave the machines when k0s does not start. */
  readonly keepFailed?: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Cluster {
  readonly sandbox: Sandbox;
  readonly machine: Machine;
  readonly k0s: ProcessId;
}

const k0sInMachine = "/usr/local/bin/k0s";
/** Where the machines have what is ours, as they see it. */
const ourFolder = "/var/lib/k0s-sandbox";

/** Makes the cluster and waits until every system pod is ready. What was made is removed again when that fails. */
export async function createSandbox(options: ClusterOptions): Promise<Cluster> {
  const { name, progress, signal } = options;
  refuseManyNodes(options);
  const serviceCidr = await serviceCidrOf(options.configFile);
  const sandbox = await openSandbox({
    name,
    ephemeral: options.ephemeral ?? false,
    uplink: options.uplink ?? false,
    signal,
  });
  try {
    const step = progress.step(`machine ${name}`);
    const machine = await sandbox.createMachine(
      {
        name,
        root: options.root ?? { kind: "host" },
        binds: [{ source: options.k0sPath, target: k0sInMachine, readOnly: true }],
        ...(serviceCidr === undefined ? {} : { serviceCidr }),
      },
      signal,
    );
    step.done(machine.address);
    const k0s = await startNode(machine, options);
    await followNode({ node: k0s, file: hostFile(machine, "progress"), progress, signal });
    await sandbox.complete({ machine: machine.name, k0s });
    return { sandbox, machine, k0s };
  } catch (err) {
    if (options.keepFailed === true && !signal.aborted) await sandbox.complete();
    else await sandbox.destroy();
    throw err;
  }
}

async function startNode(machine: Machine, options: ClusterOptions): Promise<ProcessId> {
  await mkdir(hostFile(machine, "."), { recursive: true, mode: 0o755 });
  const config = options.configFile === undefined ? [] : ["--config", `${ourFolder}/k0s.yaml`];
  if (options.configFile !== undefined) {
    await writeFile(hostFile(machine, "k0s.yaml"), await readFile(options.configFile), { mode: 0o600 });
  }
  const log = await open(hostFile(machine, "k0s.log"), "a", 0o640);
  const lines = await open(hostFile(machine, "progress"), "a", 0o640);
  try {
    return await machine.startDetached(
      [k0sInMachine, "controller", "--single", ...config, ...(options.args ?? [])],
      { env: { [progressLinesVariable]: "1" }, stdout: log.fd, stderr: lines.fd },
    );
  } finally {
    await Promise.all([log.close(), lines.close()]);
  }
}

/** On the machine's disk as the host has it: no link of the machine's root can lead astray. */
function hostFile(machine: Machine, name: string): string {
  return join(machine.record.diskDir, "lib", basename(ourFolder), name);
}

/** Also refuses a wrong configuration before anything is made. */
async function serviceCidrOf(configFile: string | undefined): Promise<string | undefined> {
  if (configFile === undefined) return undefined;
  const config = await loadClusterConfig({
    path: configFile,
    single: true,
    dataDir: defaultDataDir,
    publicAddress: "10.200.0.2",
  });
  return config.spec.network.serviceCIDR;
}

function refuseManyNodes({ controllers = 1, workers = 0 }: ClusterOptions): void {
  if (controllers === 1 && workers === 0) return;
  throw new UserError(`a sandbox of ${controllers} controllers and ${workers} workers is not possible yet`, {
    hint: "This version makes clusters of one node: leave out --controllers and --workers.",
    code: "not-supported-yet",
  });
}
