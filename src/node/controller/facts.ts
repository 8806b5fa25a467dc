// Everything that the parts of a running controller share: its configuration, clients, users and the open file.

import { hostname } from "node:os";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isSingleController } from "../../components/controller-facts.ts";
import { konnectivityDeclaration } from "../../components/konnectivity/declaration.ts";
import { runs } from "../../supervisor/declaration.ts";
import type { RuntimeClaim } from "../../config/runtime-config.ts";
import { electedLeader } from "../../components/controller-leases/leader-election.ts";
import { ensureControlPlaneUsers, type ControlPlaneUsers } from "../../host/system-users.ts";
import { alwaysLeader, type LeaderElector } from "../../kube/lease.ts";
import type { KubeClient } from "../../kube/client.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import type { LeaseHolder } from "../../kube/objects/lease.ts";
import { ownConnections } from "../../kube/own-connections.ts";
import { lastingAddresses, resolveHost } from "../../os/addresses.ts";
import { selfCommand } from "../../os/self.ts";
import type { Payload } from "../../payload/payload.ts";
import { createDeparture, type Departure } from "./departure.ts";
import { noteUser } from "../../host/installation.ts";
import { leaseHolder } from "../../components/controller-leases/lease-holder.ts";
import { nodeName } from "../name.ts";
import type { ControllerOptions, NodeIo } from "../options.ts";

export interface ControllerNode {
  readonly options: ControllerOptions;
  readonly io: NodeIo;
  readonly config: ClusterConfig;
  readonly claim: RuntimeClaim;
  readonly name: string;
  readonly users: ControlPlaneUsers;
  readonly payload: Payload;
  readonly self: readonly string[];
  /** No other controller can ever join. */
  readonly singleController: boolean;
  /** Whether the API server reaches nodes through tunnels. */
  readonly konnectivity: boolean;
  /**
   * Addresses of this host for its certificates, as they were at the start: an interface that comes later (of a
   * container runtime, of a VPN) does not renew certificates, nor restart what reads them once, while everything runs.
   */
  readonly addresses: () => Promise<readonly string[]>;
  /** The administrator's client; may be called once the certificates are there. */
  readonly client: () => Promise<KubeClient>;
  /** The same for leases, on connections of its own. */
  readonly leaseClient: () => Promise<KubeClient>;
  /** How this controller signs leases. */
  readonly holder: LeaseHolder;
  readonly leader: LeaderElector;
  /** Whether this controller belongs to its cluster no longer. */
  readonly departure: Departure;
}

export interface PreparedController {
  readonly options: ControllerOptions;
  readonly io: NodeIo;
  readonly config: ClusterConfig;
  readonly claim: RuntimeClaim;
  readonly name: string;
  readonly payload: Payload;
}

export function controllerNodeName(options: ControllerOptions): string {
  return nodeName(hostname(), options.kubeletExtraArgs["hostname-override"]);
}

/** Makes the system users. */
export async function controllerNode(prepared: PreparedController): Promise<ControllerNode> {
  const { options, io, config } = prepared;
  const users = await ensureControlPlaneUsers({
    home: options.paths.dataDir,
    made: noteUser(options.paths),
    signal: io.signal,
  });
  const singleController = isSingleController(options, config);
  const client = connectedOnce(() => kubeClientFromKubeconfig(options.paths.adminKubeconfig));
  const leaseClient = connectedOnce(() =>
    kubeClientFromKubeconfig(options.paths.adminKubeconfig, { connect: ownConnections }),
  );
  const holder = await leaseHolder(prepared.claim.invocationId, {
    nodeName: prepared.name,
    dataDir: options.paths.dataDir,
  });
  return {
    ...prepared,
    users,
    self: selfCommand(),
    singleController,
    departure: createDeparture(),
    konnectivity: runs(konnectivityDeclaration, { ...options, config }),
    addresses: addressesOfTheStart(),
    client,
    leaseClient,
    holder,
    leader: singleController ? alwaysLeader() : electedLeader({ client: leaseClient, holder, log: io.log }),
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
