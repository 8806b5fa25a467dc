// What would make the start of a controller fail and a person can mend: asked in one place, before anything is changed.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { isEtcdManaged } from "../config/derived.ts";
import { assertUnclaimed } from "../config/runtime-config.ts";
import { hasWorkerProfile } from "../manifests/worker-config.ts";
import { assertWritable } from "../os/disk-space.ts";
import { assertPortsFree } from "../os/ports.ts";
import type { Payload } from "../payload/payload.ts";
import { unstagedComponents } from "../payload/stage-binaries.ts";
import { UserError } from "../std/errors.ts";
import { findManagedProcesses } from "../supervisor/managed-processes.ts";
import { checkCertificates } from "./certificates-component.ts";
import { isSingleController, konnectivityOn } from "./controller-node.ts";
import { controllerPorts, workerPorts } from "./controller-ports.ts";
import type { ControllerOptions, NodeIo } from "./options.ts";

export interface StartConditions {
  readonly options: ControllerOptions;
  readonly io: NodeIo;
  readonly config: ClusterConfig;
  readonly payload: Payload;
}

/** Throws a UserError and leaves the host as it was. */
export async function assertCanStart(conditions: StartConditions): Promise<void> {
  const { options, config } = conditions;
  const { paths } = options;
  assertUnclaimed(paths);
  assertProfileExists(options, config);
  assertReachableByPods(options, config);
  await assertWritable(paths.dataDir);
  await checkCertificates(conditions);
  // What a killed k0s left still holds its ports; it is ended by the start.
  const leftOvers = await findManagedProcesses(paths.binDir);
  const ports = [
    ...controllerPorts(config, {
      joinApi: !isSingleController(options, config),
      konnectivity: konnectivityOn(options),
    }),
    ...(options.enableWorker ? workerPorts(config) : []),
  ];
  await assertPortsFree(ports, { exceptOf: new Set(leftOvers.map(({ pid }) => pid)) });
  await assertRoomAndWholeFile(conditions);
}

function assertProfileExists({ profile }: ControllerOptions, config: ClusterConfig): void {
  if (hasWorkerProfile(config, profile)) return;
  throw new UserError(`there is no worker profile "${profile}"`, {
    hint: "Define it in spec.workerProfiles, or leave --profile out.",
    code: "unknown-profile",
  });
}

/** The address is 127.0.0.1 when the host has no other one; Kubernetes takes no such address for a node or its API. */
function assertReachableByPods({ enableWorker }: ControllerOptions, { spec }: ClusterConfig): void {
  const { address } = spec.api;
  if (!enableWorker || !(address.startsWith("127.") || address === "::1")) return;
  throw new UserError(`${address} is no address at which pods can reach the API`, {
    hint: "Give the host an address: connect it to a network, or `ip address add 10.0.0.1/32 dev lo` and set it as spec.api.address.",
    code: "loopback-address",
  });
}

/** Room that a new data directory needs besides programs and images: the datastore's first files and logs. */
const firstFilesBytes = 96 * 1024 * 1024;

/** What is to be unpacked decides how much room there must be; only then is the file looked through. */
async function assertRoomAndWholeFile({ options, io, config, payload }: StartConditions): Promise<void> {
  const { binDir, dataDir } = options.paths;
  const names = requiredPrograms(options, config);
  const missing = await unstagedComponents(payload, { binDir, names });
  if (missing.length === 0) return;
  const programs = missing.reduce((sum, part) => sum + part.size, 0);
  const images = keepsImages(options) ? payload.index.blobs.reduce((sum, blob) => sum + blob.size, 0) : 0;
  await assertWritable(dataDir, programs + images + firstFilesBytes);
  await payload.verify(io.signal);
}

function requiredPrograms(options: ControllerOptions, config: ClusterConfig): readonly string[] {
  const { type } = config.spec.storage;
  const datastore = type === "kine" || isEtcdManaged(config) ? [type] : [];
  const tunnels = konnectivityOn(options) ? ["konnectivity"] : [];
  return [...datastore, "kubernetes", ...tunnels, ...(keepsImages(options) ? ["containerd", "runc"] : [])];
}

function keepsImages({ enableWorker, criSocket }: ControllerOptions): boolean {
  return enableWorker && criSocket === undefined;
}
