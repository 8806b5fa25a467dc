// How a controller signs leases, so that its next run on this machine can tell that this one has ended. docs/adr/0051.

import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { LeaseHolder } from "../../kube/objects/lease.ts";
import { readFileIfExists } from "../../os/files.ts";
import { machineIdFile, readMachineId } from "../../os/machine-id.ts";

/** Files of the host; a parameter for tests. */
export interface LeaseHost {
  readonly bootIdFile: string;
  readonly machineIdFile: string;
}

const thisHost: LeaseHost = {
  bootIdFile: "/proc/sys/kernel/random/boot_id",
  machineIdFile,
};

/**
 * The same run means the same kernel (its boot id) and the same data directory (device and inode on that kernel), which is
 * locked by who uses it: two machines of one name, clones of each other or containers on one kernel, never have it in
 * common.
 */
export async function leaseHolder(
  identity: string,
  { nodeName, dataDir }: { readonly nodeName: string; readonly dataDir: string },
  host: LeaseHost = thisHost,
): Promise<LeaseHolder> {
  const bootId = await readFileIfExists(host.bootIdFile);
  if (bootId === undefined) return { identity };
  const { dev, ino } = await stat(dataDir, { bigint: true });
  const machineId = await readMachineId(host.machineIdFile);
  return {
    identity,
    place: {
      run: digest(bootId.trim(), String(dev), String(ino)),
      machine: machineId === undefined ? "" : digest(machineId, nodeName),
    },
  };
}

/** Ids of machines are confidential. */
function digest(...parts: readonly string[]): string {
  return createHash("sha256")
    .update(["k0s lease", ...parts].join("\n"))
    .digest("hex")
    .slice(0, 32);
}
