// Gives nodes the role that they were started with: `node.k0sproject.io/role=<v>` becomes `node-role.kubernetes.io/<v>`,
// which a kubelet may not set itself. Upstream: pkg/component/controller/noderole.go; reference §8.3.

import type { KubeClient } from "../kube/client.ts";
import { createInformer } from "../kube/informer.ts";
import { alwaysLeader } from "../kube/lease.ts";
import type { KubeResource } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import { leaderTask } from "./leader-task.ts";

const roleLabel = "node.k0sproject.io/role";
const roleDomain = "node-role.kubernetes.io/";
const retryMs = 5_000;

export interface NodeRoleOptions {
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export function nodeRoleLabeller(options: NodeRoleOptions): Component {
  return leaderTask({
    ...options,
    name: "node-role",
    dependsOn: ["kube-apiserver"],
    // On every controller, as upstream: doing it twice does no harm.
    leader: alwaysLeader(),
    run: labelNodes,
  });
}

/** The label that a node lacks, or undefined. */
function missingRoleLabel(node: KubeResource): string | undefined {
  const labels = node.metadata.labels ?? {};
  const role = labels[roleLabel];
  if (role === undefined || role === "") return undefined;
  const hasRole = Object.keys(labels).some((label) => label.startsWith(roleDomain));
  return hasRole ? undefined : roleDomain + role;
}

async function labelNodes(client: KubeClient, signal: AbortSignal, log: Logger): Promise<void> {
  const pending = new Set<Promise<void>>();
  const look = (node: KubeResource): void => {
    const label = missingRoleLabel(node);
    if (label === undefined) return;
    const work = addLabel(client, node, label, signal, log);
    pending.add(work);
    void work.finally(() => pending.delete(work));
  };
  const nodes = createInformer({
    client,
    kind: { apiVersion: "v1", kind: "Node" },
    labelSelector: roleLabel,
    log,
    onChange: ({ object, reason }) => {
      if (reason === "deleted") return;
      for (const node of object === undefined ? nodes.items() : [object]) look(node);
    },
  });
  await nodes.run(signal);
  await Promise.all(pending);
}

async function addLabel(
  client: KubeClient,
  node: KubeResource,
  label: string,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const name = node.metadata.name ?? "";
  const ref = { apiVersion: "v1", kind: "Node", name };
  while (!signal.aborted) {
    try {
      await client.patch(ref, "merge", { metadata: { labels: { [label]: "true" } } }, { signal });
      log.info("Gave a node its role", { node: name, label });
      return;
    } catch (err) {
      log.warn("Cannot give a node its role, trying again", { node: name, err: errorMessage(err) });
      // The node may be gone by then: the informer tells of it if it comes back.
      await sleep(retryMs, signal).catch(() => undefined);
      if ((await client.find(ref, { signal }).catch(() => node)) === undefined) return;
    }
  }
}
