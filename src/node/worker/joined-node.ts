// What makes a host a member of its cluster and has it follow the cluster's settings, whatever its system is. Upstream:
// cmd/worker/worker.go.

import { nodeLocalBalancingDeclaration } from "../../components/node-local-balancing/declaration.ts";
import { type NodeLocalBalancer, nodeLocalBalancer } from "../../components/node-local-balancing/balancer.ts";
import { addressTowards } from "../../components/kubelet/node-address.ts";
import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { workerConfigDeclaration } from "../../components/worker-config/declaration.ts";
import { type SettingsHolder, settingsHolder } from "../../components/worker-config/settings-holder.ts";
import { followSettings } from "../../components/worker-config/worker-settings.ts";
import { type JoinComponent, joinCluster } from "../../components/worker-join/component.ts";
import { workerJoinDeclaration } from "../../components/worker-join/declaration.ts";
import type { KubeClient } from "../../kube/client.ts";
import { kubeClientFromKubeconfig, kubeconfigCredentials } from "../../kube/kubeconfig-client.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { Component } from "../../supervisor/component.ts";
import { createWaiting, type Waiting } from "../../supervisor/waiting.ts";
import type { PodParts } from "../pods/parts.ts";

/** Twenty machines on one slow disk need their time; ending would only start it all over again. */
export const workerReadyTimeoutMs = 15 * 60_000;

export interface JoinedNode {
  readonly waiting: Waiting;
  readonly settings: SettingsHolder;
  readonly join: JoinComponent;
  readonly balancer: NodeLocalBalancer;
  /** With the node's credentials, by the present way to the API. */
  readonly client: () => Promise<KubeClient>;
  /** What the node's pods need of it. */
  readonly podParts: Pick<
    PodParts,
    "settings" | "settingsFrom" | "address" | "registersAddress" | "kubeconfig" | "apiHosts" | "clusterCa"
  >;
  /** Brings the settings. `onMoved`: the way to the API is another one now; `onRerouted`: and the node runs already. */
  readonly following: (how: {
    readonly onMoved: () => void;
    readonly onRerouted: () => Promise<void>;
  }) => Component;
  /** Ends the balancer; it begins when the settings ask for it. */
  readonly balancing: Component;
}

export interface JoinedNodeInput {
  readonly options: WorkerOptions;
  readonly io: NodeIo;
  readonly name: string;
}

export function joinedNode({ options, io, name }: JoinedNodeInput): JoinedNode {
  const { paths } = options;
  const { log, progress } = io;
  const waiting = createWaiting({
    onReason: ({ message, hint }) => {
      log.warn("Waiting, will try again", { problem: message, hint });
      progress.wait(`the end of this: ${message}`);
    },
    onOver: ({ message }) => {
      log.info("The problem is over", { problem: message });
      progress.wait("");
    },
  });
  const settings = settingsHolder();
  const common = { paths, log, progress, waiting };
  const join = joinCluster({ ...common, nodeName: name, tokenSource: options.joinToken });
  const balancer = nodeLocalBalancer({
    ...common,
    cluster: () => join.cluster(),
    credentials: kubeconfigCredentials(paths.kubeletKubeconfig),
  });
  const client = (): Promise<KubeClient> => kubeClientFromKubeconfig(balancer.kubeconfig());
  return {
    waiting,
    settings,
    join,
    balancer,
    client,
    podParts: {
      settings,
      settingsFrom: [workerConfigDeclaration],
      address: async () => addressTowards(new URL(join.cluster().server).hostname),
      registersAddress: !options.enableCloudProvider,
      kubeconfig: () => balancer.kubeconfig(),
      apiHosts: () => [new URL(join.cluster().server).hostname.replaceAll(/[[\]]/g, "")],
      clusterCa: () => Promise.resolve(join.cluster().ca),
    },
    following: ({ onMoved, onRerouted }) =>
      followSettings({
        ...common,
        profile: options.profile,
        k0sVersion,
        settings,
        client,
        beforeAdopting: async (next) => {
          const moved = await balancer.apply(next);
          if (moved) onMoved();
          return moved;
        },
        onRerouted,
        dependsOn: [workerJoinDeclaration, nodeLocalBalancingDeclaration],
      }),
    balancing: {
      name: nodeLocalBalancingDeclaration.name,
      dependsOn: [workerJoinDeclaration],
      start: () => Promise.resolve(),
      stop: async () => balancer.stop(),
    },
  };
}
