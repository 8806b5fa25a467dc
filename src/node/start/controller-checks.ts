// What would make the start of a controller fail and a person can put right: asked in one place, before anything is
// changed.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { controllerRole } from "../../roles/controller.ts";
import { portsOf, portUses } from "../../roles/ports.ts";
import { workerRole } from "../../roles/worker.ts";
import { workerFactsOf } from "../../components/worker-facts.ts";
import { assertUnclaimed } from "../../config/runtime-config.ts";
import { assertDatabaseThere } from "../../components/kine/datastore-identity.ts";
import { assertSameFacts, lastingFactsOf } from "../../components/controller-join/cluster-facts.ts";
import { observeJoin } from "../../components/controller-join/observe.ts";
import { hasWorkerProfile } from "../../components/worker-config/manifest.ts";
import { assertRunnable, assertWritable } from "../../os/disk-space.ts";
import { assertPortsFree } from "../../os/ports.ts";
import type { Payload } from "../../payload/payload.ts";
import { UserError } from "../../std/errors.ts";
import { readJoinToken } from "../../token/read-token.ts";
import { findManagedProcesses } from "../../supervisor/managed-processes.ts";
import { checkCertificates } from "../controller/certificates.ts";
import { containerdDeclaration } from "../../components/containerd/declaration.ts";
import type { ControllerFacts } from "../../components/controller-facts.ts";
import { programsOf } from "../../roles/programs.ts";
import { runs } from "../../supervisor/declaration.ts";
import type { ControllerOptions, NodeIo } from "../options.ts";
import { assertMayUse, assertOpenToUsers } from "../../host/own-directories.ts";
import { assertRoomForPrograms } from "./room-for-programs.ts";

export interface StartConditions {
  readonly options: ControllerOptions;
  readonly io: NodeIo;
  readonly config: ClusterConfig;
  readonly payload: Payload;
}

/** Throws a UserError and leaves the host as it was. */
export async function assertCanStart(conditions: StartConditions): Promise<void> {
  const { options, config, payload, io } = conditions;
  const { paths } = options;
  assertUnclaimed(paths);
  await assertMayUse(paths);
  await assertOpenToUsers(paths.dataDir);
  assertProfileExists(options, config);
  assertReachableByPods(config);
  await assertWritable(paths.dataDir);
  await assertRunnable(paths.dataDir);
  await assertSameFacts(paths.dataDir, lastingFactsOf(config));
  await assertDatabaseThere(paths.dataDir, config);
  const joining = await willJoin(options, config);
  await checkCertificates(conditions, { joining });
  // What a killed k0s left still holds its ports; it is ended by the start.
  const leftOvers = await findManagedProcesses(paths.binDir);
  const facts: ControllerFacts = { ...options, config };
  const pods = options.enableWorker ? workerFactsOf(config, options) : undefined;
  const ports = [...portsOf(controllerRole, facts), ...(pods === undefined ? [] : portsOf(workerRole, pods))];
  await assertPortsFree(portUses(ports), { exceptOf: new Set(leftOvers.map(({ pid }) => pid)) });
  await assertRoomForPrograms({
    payload,
    paths,
    programs: [
      ...programsOf(controllerRole, facts),
      ...(pods === undefined ? [] : programsOf(workerRole, pods)),
    ],
    images: pods !== undefined && runs(containerdDeclaration, pods),
    signal: io.signal,
  });
}

function assertProfileExists({ profile }: ControllerOptions, config: ClusterConfig): void {
  if (hasWorkerProfile(config, profile)) return;
  throw new UserError(`there is no worker profile "${profile}"`, {
    hint: "Define it in spec.workerProfiles, or leave --profile out.",
    code: "unknown-profile",
  });
}

/** The address is 127.0.0.1 when the host has no other one; Kubernetes does not accept it for a node or its API. */
function assertReachableByPods({ spec }: ClusterConfig): void {
  const { address } = spec.api;
  if (!address.startsWith("127.") && address !== "::1") return;
  throw new UserError(`${address} is no address at which pods can reach the API`, {
    hint: "Connect the host to a network, or give it an address of its own: `ip link add k0s0 type bridge; ip link set k0s0 up; ip address add 10.0.0.1/24 dev k0s0`. If it has another address, set that as spec.api.address.",
    code: "loopback-address",
  });
}

/** A host that has joined does not need its token any more; it may be gone. */
async function willJoin({ joinToken, paths }: ControllerOptions, config: ClusterConfig): Promise<boolean> {
  const facts = { managedEtcd: isEtcdManaged(config), hasToken: joinToken !== undefined };
  const { kind } = await observeJoin(paths, facts);
  if (kind === "none") return false;
  if (joinToken !== undefined) await readJoinToken(joinToken, "controller");
  return true;
}
