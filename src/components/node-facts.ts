// What a component may know of the node that it runs on: one frozen object, made by the node's start (src/node/) and handed to
// every component of its role. Here is what several of them use; what one component needs alone is a type beside it, which
// the list of the role names (src/roles/). docs/adr/0059.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { NodeIndex } from "../deployer/node-index.ts";
import type { StackDeployer } from "../deployer/stack-deployer.ts";
import type { KubeClient } from "../kube/client.ts";
import type { LeaderElector } from "../kube/lease.ts";
import type { LeaseHolder } from "../kube/objects/lease.ts";
import type { UserId } from "../os/users.ts";
import type { Payload } from "../payload/payload.ts";
import type { KeyMaker } from "../pki/key-stock.ts";
import type { Progress } from "../std/progress.ts";
import type { Declaration } from "../supervisor/declaration.ts";
import type { NodeProcessContext } from "../supervisor/node-process.ts";
import type { ControllerFacts } from "./controller-facts.ts";
import type { ControllerOptions, WorkerOptions } from "./node-options.ts";
import type { WorkerFacts } from "./worker-facts.ts";

/** Of every node: what its command line says, and what its start has found. */
export interface NodeFacts extends WorkerOptions, NodeProcessContext {
  /** That it registers under. */
  readonly name: string;
  readonly payload: Payload;
  readonly progress: Progress;
}

/** Of a node that runs pods, as what runs them sees it. */
export interface WorkerNode extends NodeFacts {
  /** In which the relocated netfilter tools are found. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ControllerNode extends NodeFacts, ControllerOptions {
  readonly config: ClusterConfig;
  /** Its cluster-wide part is what this controller has followed before. */
  readonly clusterConfigKnown: boolean;
  /** No other controller can ever join. */
  readonly alone: boolean;
  /** Whether the API server reaches nodes through tunnels. */
  readonly konnectivity: boolean;
  /** Whether k0s keeps the endpoints of the API, at an address of others. */
  readonly foreignEndpoints: boolean;
  /** Of this run of k0s. */
  readonly invocationId: string;
  /** The system users, by name. */
  readonly users: ReadonlyMap<string, UserId>;
  readonly user: (name: string) => UserId | undefined;
  /** Makes private keys; those that a first start needs and that take long are begun by then. */
  readonly keys: KeyMaker;
  /** The administrator's client; may be called once the certificates are there. */
  readonly client: () => Promise<KubeClient>;
  /** The same for leases, on connections of its own. */
  readonly leaseClient: () => Promise<KubeClient>;
  /** How long ago its API server has answered anything that k0s has asked; infinite before the first answer. */
  readonly sinceAnswerMs: () => number;
  /** How this controller signs leases. */
  readonly holder: LeaseHolder;
  readonly leader: LeaderElector;
  /** Takes the manifests of add-ons. */
  readonly stacks: StackDeployer;
  /** Of the cluster. */
  readonly nodes: NodeIndex;
}

export type WorkerDeclaration = Declaration<WorkerFacts, WorkerNode>;

/** `Needs`: what this component needs alone. */
export type ControllerDeclaration<Needs = unknown> = Declaration<ControllerFacts, ControllerNode & Needs>;
