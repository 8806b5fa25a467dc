// Gives the node on a controller its role, `node-role.kubernetes.io/control-plane`, which a kubelet may not set itself.
// Upstream (pkg/component/controller/noderole.go) gives every node the role that its label `node.k0sproject.io/role`
// names; that label is the kubelet's own, so any node could call itself a control plane. Here each controller speaks
// for the node that it runs, and for no other: docs/adr/0050-roles-from-facts.md.

import type { KubeClient } from "../../kube/client.ts";
import { createInformer } from "../../kube/informer.ts";
import { alwaysLeader } from "../../kube/lease.ts";
import { nodeKind } from "../../kube/objects/node.ts";
import type { KubeResource } from "../../kube/types.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { leaderTask, type WatchHealth } from "../../supervisor/leader-task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

/** Kept on nodes as upstream has it: for people and their selectors. */
export const roleHintLabel = "node.k0sproject.io/role";
const roleDomain = "node-role.kubernetes.io/";

export interface NodeRoleOptions {
  /** The node that this k0s runs. */
  readonly nodeName: string;
  /** What it was started as, e.g. `control-plane`; empty for no role. */
  readonly role: string;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export function nodeRoleLabeller(options: NodeRoleOptions): Component {
  return leaderTask({
    ...options,
    name: "node-role",
    dependsOn: [kubeApiserverDeclaration],
    // Each controller has a node of its own.
    leader: alwaysLeader(),
    run: (client, signal, log, watch) => keepRole(client, options, { signal, log, watch }),
  });
}

/** A node that already has a role, even another one, keeps it: somebody wanted that. */
function lacksRole(node: KubeResource | undefined): node is KubeResource {
  if (node === undefined) return false;
  return !Object.keys(node.metadata.labels ?? {}).some((label) => label.startsWith(roleDomain));
}

async function keepRole(
  client: KubeClient,
  { nodeName, role }: NodeRoleOptions,
  { signal, log, watch }: { signal: AbortSignal; log: Logger; watch: WatchHealth },
): Promise<void> {
  const label = roleDomain + role;
  const loop = createLoop({
    name: "role of this node",
    log,
    round: async (during) => {
      if (role === "" || !lacksRole(nodes.get(nodeName))) return;
      const ref = { ...nodeKind, name: nodeName };
      await client.patch(ref, "merge", { metadata: { labels: { [label]: "true" } } }, { signal: during });
      log.info("Gave this node its role", { node: nodeName, label });
    },
  });
  const nodes = createInformer({
    client,
    kind: nodeKind,
    fieldSelector: `metadata.name=${nodeName}`,
    metadataOnly: true,
    log,
    onChange: () => loop.ring(),
  });
  watch(nodes);
  watch(loop);
  await Promise.all([nodes.run(signal), loop.run(signal)]);
}
