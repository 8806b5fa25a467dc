// Tells the cluster what containerd on this node can do, and what of its settings is out of date: by labels and a condition of the
// Node, and an Event for each setting. Upstream: pkg/component/worker/containerd/deprecation_monitor.go. docs/adr/0088.

import type { KubeClient } from "../../kube/client.ts";
import { isNotFoundError } from "../../kube/errors.ts";
import { writeEvent } from "../../kube/objects/event.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import type { Deprecation, RuntimeFacts } from "./cri.ts";
import { nodeReportDeclaration } from "./declaration.ts";
import { nodeChanges } from "./node-facts.ts";

export interface NodeReportOptions {
  readonly nodeName: string;
  /** Of containerd. */
  readonly facts: (signal: AbortSignal) => Promise<RuntimeFacts>;
  /** With the credentials of kubelet; asked each time that there is something to say. */
  readonly client: () => Promise<Pick<KubeClient, "get" | "patch" | "create">>;
  readonly dependsOn: readonly Dependency[];
  readonly log: Logger;
  /** Milliseconds between looks at containerd. */
  readonly everyMs?: number;
}

/** A Node that somebody has changed or made again is looked at this often, whatever containerd says. */
const renewEveryMs = 10 * 60_000;

export function nodeReport(options: NodeReportOptions): Component {
  const { nodeName } = options;
  const log = options.log.with({ component: nodeReportDeclaration.name });
  const ref = { ...nodeKind, name: nodeName };
  let reported: { readonly facts: RuntimeFacts; readonly at: number } | undefined;
  let warned: ReadonlySet<string> = new Set();

  const warn = async (deprecations: readonly Deprecation[]): Promise<void> => {
    for (const { id, message } of deprecations.filter((one) => !warned.has(one.id))) {
      log.warn("A later containerd drops what this node uses", { id, deprecation: message });
      await writeEvent(
        { client: options.client, log },
        {
          metadata: { namespace: "default", generateName: `${nodeName}.` },
          involvedObject: { ...nodeKind, name: nodeName, uid: nodeName },
          type: "Warning",
          reason: "ContainerdDeprecationDetected",
          message: `Containerd deprecation: ${id} - ${message}`,
          source: { component: "containerd-deprecation-monitor", host: nodeName },
        },
      );
    }
    warned = new Set(deprecations.map(({ id }) => id));
  };

  const report = async (signal: AbortSignal): Promise<void> => {
    const facts = await options.facts(signal);
    const fresh = reported !== undefined && performance.now() - reported.at < renewEveryMs;
    if (fresh && Bun.deepEquals(facts, reported?.facts)) return;
    const client = await options.client();
    const { labels, condition } = nodeChanges(await client.get<Node>(ref, { signal }), facts, new Date());
    if (labels !== undefined) await client.patch(ref, "merge", { metadata: { labels } }, { signal });
    if (condition !== undefined) {
      const patch = { status: { conditions: [condition] } };
      await client.patch(ref, "strategic", patch, { signal, subresource: "status" });
    }
    await warn(facts.deprecations);
    reported = { facts, at: performance.now() };
  };

  return task({
    name: nodeReportDeclaration.name,
    dependsOn: options.dependsOn,
    parts: [
      createLoop({
        name: "report about containerd",
        log,
        everyMs: options.everyMs ?? 30_000,
        backoff: { firstMs: 1_000, longestMs: 30_000 },
        // kubelet makes the Node a moment later.
        isQuiet: isNotFoundError,
        round: report,
      }),
    ],
  });
}
