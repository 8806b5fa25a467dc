// What the start of every node does first and last, whatever its role: it asks whether the host will do, changes nothing before
// that is known, and has the host to itself until the node has ended.

import { hostname } from "node:os";
import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { claimRuntime, type RuntimeClaim, type RuntimePublication } from "../../config/runtime-config.ts";
import { writeRunDirNote } from "../../config/run-dir-note.ts";
import { beginInstallation, notePods } from "../../host/installation.ts";
import type { ClusterNetworks } from "../../host/sysinfo/cluster-networks.ts";
import { thisHost } from "../../host/sysinfo/this-host.ts";
import { makeDir } from "../../os/files.ts";
import { ensureHostsFile } from "../../os/hosts-file.ts";
import { removeStaleTemporaries } from "../../os/temporary-files.ts";
import { openPayload, type Payload } from "../../payload/payload.ts";
import { UserError } from "../../std/errors.ts";
import { endManagedProcesses } from "../../supervisor/managed-processes.ts";
import { nodeName } from "../name.ts";
import { runPreflight } from "./preflight.ts";

/** The name of the node; only root may start one. */
export function beginAs(
  role: "controller" | "worker",
  { kubeletExtraArgs }: Pick<WorkerOptions, "kubeletExtraArgs">,
): string {
  if (process.geteuid?.() !== 0) {
    throw new UserError(`k0s ${role} must run as root`, { hint: "Use sudo.", code: "not-root" });
  }
  return nodeName(hostname(), kubeletExtraArgs["hostname-override"]);
}

export interface NodeStart {
  readonly options: WorkerOptions;
  readonly io: NodeIo;
  readonly roles: { readonly controller: boolean; readonly worker: boolean };
  /** Those of the cluster, as far as this host knows them. */
  readonly networks: ClusterNetworks;
  /** Throws a UserError and leaves the host as it was. */
  readonly check: (payload: Payload) => Promise<void>;
  /** Makes what the role needs beside the directories of every node. */
  readonly prepare?: () => Promise<void>;
  /** Further directories in which a killed k0s may have left half written files. */
  readonly writtenIn: readonly string[];
  /** For the commands that ask what runs here. */
  readonly publish: RuntimePublication;
  /** Runs the node until it has stopped. */
  readonly run: (payload: Payload, claim: RuntimeClaim) => Promise<void>;
}

export async function runOnHost(start: NodeStart): Promise<void> {
  const { options, io, roles } = start;
  const { paths } = options;
  await runPreflight(
    {
      ...roles,
      dataDir: paths.dataDir,
      networks: start.networks,
      nodeName: options.kubeletExtraArgs["hostname-override"],
      log: io.log,
      ignore: options.ignorePreFlightChecks,
    },
    thisHost(paths, io.signal),
  );
  await using payload = await openPayload();
  await start.check(payload);
  const claim = await claimRuntime(paths);
  try {
    await beginInstallation(paths, io.log);
    await io.keepLog?.();
    if (roles.worker) await notePods(paths);
    await writeRunDirNote(paths);
    for (const dir of [paths.binDir, paths.imagesDir]) await makeDir(dir, { mode: 0o755 });
    await start.prepare?.();
    await ensureHostsFile(io.log);
    // What a killed k0s left still holds its ports.
    await endManagedProcesses(paths.binDir, { timeoutMs: 5_000, signal: io.signal });
    await removeStaleTemporaries([paths.dataDir, paths.runDir, ...start.writtenIn]);
    await claim.publish(start.publish);
    await start.run(payload, claim);
  } finally {
    await claim.release();
  }
}
