// What would make the start of a controller fail and a person can put right: asked in one place, before anything is
// changed.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { controllerRole } from "../../roles/controller.ts";
import { portsOf, portUses } from "../../roles/folds/ports.ts";
import { workerRole } from "../../roles/worker.ts";
import { workerFactsOf } from "../../components/worker-facts.ts";
import { assertUnclaimed } from "../../config/runtime-config.ts";
import { assertDatabaseThere } from "../../components/kine/database-file.ts";
import { assertSameFacts, lastingFactsOf } from "../../components/controller-join/cluster-facts.ts";
import { checkNamedFiles } from "../../components/kube-apiserver/named-files.ts";
import { observeJoin } from "../../components/controller-join/observe.ts";
import { hasWorkerProfile } from "../../components/worker-config/manifest.ts";
import { assertRunnable, assertWritable } from "../../os/disk-space.ts";
import { assertPortsFree } from "../../os/ports.ts";
import type { Payload } from "../../payload/payload.ts";
import { UserError } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";
import { readJoinToken } from "../../token/read-token.ts";
import { findManagedProcesses } from "../../supervisor/managed-processes.ts";
import { checkCertificates } from "../../components/certificates/component.ts";
import type { PlannedController } from "../controller/facts.ts";
import { containerdDeclaration } from "../../components/containerd/declaration.ts";
import { programsOf } from "../../roles/folds/programs.ts";
import { runs } from "../../supervisor/declaration.ts";
import type { ControllerOptions, NodeIo } from "../../components/node-options.ts";
import { assertMayUse, assertOpenToUsers } from "../../host/own-directories.ts";
import { assertRoomForPrograms } from "./room-for-programs.ts";

export interface StartConditions {
  readonly planned: PlannedController;
  readonly io: NodeIo;
  readonly payload: Payload;
}

/** Throws a UserError and leaves the host as it was. */
export async function assertCanStart(conditions: StartConditions): Promise<void> {
  const { planned, payload, io } = conditions;
  const { paths, config } = planned;
  assertUnclaimed(paths);
  await assertMayUse(paths);
  await assertOpenToUsers(paths.dataDir);
  assertProfileExists(planned, config);
  assertReachableByPods(config);
  await checkNamedFiles(config);
  await assertWritable(paths.dataDir);
  await assertRunnable(paths.dataDir);
  await assertSameFacts(paths.dataDir, lastingFactsOf(config));
  await assertDatabaseThere(paths.dataDir, config);
  // Who stops a start that waits for the other end of a pipe must not wait for it, too.
  const joining = await unlessAborted(willJoin(planned, config), io.signal);
  await checkCertificates({ ...planned, log: io.log }, { joining });
  // What a killed k0s left still holds its ports; it is ended by the start.
  const leftOvers = await findManagedProcesses(paths.binDir);
  const pods = planned.enableWorker ? workerFactsOf(config, planned) : undefined;
  const ports = [
    ...portsOf(controllerRole, planned),
    ...(pods === undefined ? [] : portsOf(workerRole, pods)),
  ];
  await assertPortsFree(portUses(ports), { exceptOf: new Set(leftOvers.map(({ pid }) => pid)) });
  await assertRoomForPrograms({
    payload,
    paths,
    programs: [
      ...programsOf(controllerRole, planned),
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
