// The facts of a controller, put together once: what its command line and its configuration say, and what its start has found.

import { hostname } from "node:os";
import { clusterConfigRead } from "../../components/cluster-config/declaration.ts";
import { isSingleController } from "../../components/controller-facts.ts";
import { joinSession } from "../../components/controller-join/session.ts";
import { electedLeader } from "../../components/controller-leases/leader-election.ts";
import { leaseHolder } from "../../components/controller-leases/lease-holder.ts";
import { createDeparture } from "../../components/departure.ts";
import { konnectivityDeclaration } from "../../components/konnectivity/declaration.ts";
import { tunnelRegistry } from "../../components/konnectivity/tunnels/registry.ts";
import {
  endpointReconcilerDeclaration,
  bootstrapRolesDeclaration,
  kubeApiserverDeclaration,
} from "../../components/kube-apiserver/declaration.ts";
import type { ControllerNode } from "../../components/node-facts.ts";
import type { ControllerOptions, NodeIo } from "../../components/node-options.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { clusterNoProxy, isEtcdManaged } from "../../config/derived.ts";
import type { RuntimeClaim } from "../../config/runtime-config.ts";
import { appliedUnder } from "../../deployer/applied-under.ts";
import { nodeIndex } from "../../deployer/node-index.ts";
import { createStackDeployer } from "../../deployer/stack-deployer.ts";
import { noteUser } from "../../host/installation.ts";
import { ensureControlPlaneUsers, processIdentity } from "../../host/system-users.ts";
import type { KubeClient } from "../../kube/client.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { answerClock } from "../../kube/answer-clock.ts";
import { alwaysLeader } from "../../kube/lease.ts";
import { ownConnections } from "../../kube/own-connections.ts";
import { fetchConnections } from "../../kube/transport.ts";
import { hostAddresses, lastingAddresses, resolveHost } from "../../os/addresses.ts";
import { selfCommand } from "../../os/self.ts";
import type { Payload } from "../../payload/payload.ts";
import type { KeyMaker } from "../../pki/key-stock.ts";
import { k0sVersion } from "../../product/versions.ts";
import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { systemStacksOf } from "../../roles/folds/workloads.ts";
import { runs } from "../../supervisor/declaration.ts";

/** What is known before anything has been changed. */
export type PlannedController = ControllerOptions &
  Pick<ControllerNode, "config" | "clusterConfigKnown" | "alone" | "konnectivity" | "foreignEndpoints">;

export function plannedController(
  options: ControllerOptions,
  config: ClusterConfig,
  clusterConfigKnown = false,
): PlannedController {
  const facts = { ...options, config, clusterConfigKnown };
  return {
    ...facts,
    alone: isSingleController(options, config),
    konnectivity: runs(konnectivityDeclaration, facts),
    foreignEndpoints: runs(endpointReconcilerDeclaration, facts),
  };
}

export interface PreparedController {
  readonly planned: PlannedController;
  readonly io: Pick<NodeIo, "log" | "progress">;
  readonly name: string;
  readonly payload: Payload;
  readonly keys: KeyMaker;
  readonly claim: Pick<RuntimeClaim, "invocationId">;
}

/** What only a host can tell, and how the API is reached. */
export type ControllerAccess = Pick<
  ControllerParts,
  "self" | "users" | "addresses" | "client" | "leaseClient" | "sinceAnswerMs" | "holder" | "leader"
>;

export function controllerParts(prepared: PreparedController, access: ControllerAccess): ControllerParts {
  const { planned, io, name, payload, keys, claim } = prepared;
  const { config, paths, alone, konnectivity, debug } = planned;
  const { users, client, holder, leader } = access;
  const { log, progress } = io;
  const { invocationId } = claim;
  return Object.freeze({
    ...planned,
    ...access,
    name,
    payload,
    keys,
    log,
    progress,
    invocationId,
    user: (of: string) => processIdentity(users, of),
    noProxy: () => [...clusterNoProxy(config), ...hostAddresses().map(({ address }) => address)],
    ...(debug ? { outputLevel: "debug" as const } : {}),
    stacks: createStackDeployer({
      client,
      manifestsDir: paths.manifestsDir,
      systemStacks: systemStacksOf(controllerRole),
      inventoryDir: paths.deployedDir,
      // Clones may have one machine id, but hardly one name; where there is no id, the name has to do.
      machine: `${holder.place?.machine ?? ""} ${name}`,
      under: appliedUnder(config),
      controller: name,
      leader,
      log,
      // Nothing is applied of a configuration that is not the cluster's. Applied while the roles are made, add-ons would take
      // the processor from what everything waits for.
      dependsOn: [kubeApiserverDeclaration, bootstrapRolesDeclaration, ...clusterConfigRead(planned)],
    }),
    nodes: nodeIndex({ client, log, dependsOn: [kubeApiserverDeclaration] }),
    session: joinSession({
      config,
      paths,
      source: planned.joinToken,
      name,
      version: k0sVersion,
      managedEtcd: isEtcdManaged(config),
      users,
      log,
      progress,
    }),
    departure: createDeparture(),
    tunnels: konnectivity
      ? tunnelRegistry({ config, client, name, singleController: alone, serverId: invocationId, log })
      : undefined,
  });
}

/** Makes the system users. */
export async function controllerAccess(
  { planned, io, name, claim }: PreparedController,
  signal: AbortSignal,
): Promise<ControllerAccess> {
  const { paths, alone } = planned;
  const users = await ensureControlPlaneUsers({ home: paths.dataDir, made: noteUser(paths), signal });
  const answers = answerClock();
  const connected = (connect: typeof ownConnections): (() => Promise<KubeClient>) =>
    connectedOnce(() =>
      kubeClientFromKubeconfig(paths.adminKubeconfig, { connect: answers.noting(connect) }),
    );
  const client = connected(fetchConnections);
  const leaseClient = connected(ownConnections);
  const holder = await leaseHolder(claim.invocationId, { nodeName: name, dataDir: paths.dataDir });
  return {
    self: selfCommand(),
    users,
    addresses: addressesOfTheStart(),
    client,
    leaseClient,
    sinceAnswerMs: () => answers.sinceAnswerMs(),
    holder,
    leader: alone ? alwaysLeader() : electedLeader({ client: leaseClient, holder, log: io.log }),
  };
}

/** What fails, because somebody asked before the certificates were there, is tried again. */
function connectedOnce(connect: () => Promise<KubeClient>): () => Promise<KubeClient> {
  let connected: Promise<KubeClient> | undefined;
  return () =>
    (connected ??= connect().catch((err: unknown) => {
      connected = undefined;
      throw err;
    }));
}

function addressesOfTheStart(): () => Promise<readonly string[]> {
  let found: Promise<readonly string[]> | undefined;
  const find = async (): Promise<readonly string[]> => {
    const resolved = await Promise.all([resolveHost("localhost"), resolveHost(hostname())]);
    return [...lastingAddresses().map(({ address }) => address), ...resolved.flat()];
  };
  return () => (found ??= find());
}
