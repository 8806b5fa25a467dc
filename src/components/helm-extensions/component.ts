// Helm charts as a part of the cluster's configuration: `spec.extensions.helm` becomes Charts, and the leader makes releases of
// them, and of those that users make. Upstream: pkg/component/controller/extensions_controller.go.

import { join } from "node:path";
import { appliedUnder } from "../../deployer/applied-under.ts";
import { stageBinaries } from "../../payload/stage-binaries.ts";
import { untilAborted } from "../../std/wait.ts";
import type { Component } from "../../supervisor/component.ts";
import { leaderTask } from "../../supervisor/leader-task.ts";
import { clusterConfigRead } from "../cluster-config/declaration.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import type { ControllerNode } from "../node-facts.ts";
import { bundledCharts } from "./bundled-charts.ts";
import { followCharts } from "./chart-controller.ts";
import { openAppliedCharts } from "./applied-charts.ts";
import { keepStack } from "./chart-stack.ts";
import { helmStack } from "./chart-objects.ts";
import { openNamedCharts } from "./chart-record.ts";
import { workOn } from "./chart-work.ts";
import { createHelm } from "./helm.ts";
import { helmDeclaration } from "./declaration.ts";
import { clearWorkspaces } from "./workspace.ts";

export type HelmNode = Pick<
  ControllerNode,
  "config" | "paths" | "self" | "noProxy" | "client" | "leader" | "log"
> &
  Partial<Pick<ControllerNode, "dynamicConfig">> & {
    /** Sees to it that helm is there and tells where it lies. */
    readonly program: (signal: AbortSignal) => Promise<string>;
  };

export function helmExtensions(node: ControllerNode): Component {
  const { paths, payload } = node;
  const program = async (signal: AbortSignal): Promise<string> => {
    await stageBinaries(payload, { binDir: paths.binDir, names: helmDeclaration.programs, signal });
    return join(paths.binDir, "helm");
  };
  return helmComponent({ ...node, program });
}

export function helmComponent(node: HelmNode): Component {
  const { paths, leader, self, noProxy } = node;
  const helm = createHelm({ program: once(node.program), binDir: paths.binDir, self, noProxy });
  const workDir = join(paths.runDir, "helm");
  const bundles = bundledCharts(paths.imagesDir, node.log.with({ component: helmDeclaration.name }));
  let config = node.config;
  let ring = (): void => undefined;
  const under = appliedUnder(node.config);
  const named = once(() => openNamedCharts(paths.deployedDir));
  const task = leaderTask({
    name: helmDeclaration.name,
    dependsOn: [kubeApiserverDeclaration, ...clusterConfigRead(node)],
    client: node.client,
    leader,
    log: node.log,
    run: async (client, signal, log, watch) => {
      // Read again in each term: of another one nothing is known in memory.
      const applied = await openAppliedCharts(paths.deployedDir, under);
      const charts = await named(signal);
      const stack = keepStack({ client, config: () => config, named: charts, applied, log, watch });
      ring = () => stack.ring();
      const applying = stack.run(signal);
      await Promise.race([stack.tried, untilAborted(signal)]);
      const assertTerm = (): void => leader.assertTerm();
      const kubeconfig = paths.adminKubeconfig;
      const effects = { client, helm, bundles, assertTerm, kubeconfig, workDir, log };
      const following = followCharts(
        {
          client,
          log,
          watch,
          concurrency: () => config.spec.extensions.helm.concurrencyLevel,
          work: (chart, otherHolder, during) => workOn(effects, chart, otherHolder, during),
        },
        signal,
      );
      await Promise.all([applying, following]);
    },
  });
  return {
    ...task,
    async init(signal) {
      await clearWorkspaces(workDir);
      // Also where another controller leads: this one may be the next.
      await (await named(signal)).add(helmStack(config.spec.extensions.helm));
    },
    async reconcile(next) {
      config = next;
      ring();
    },
  };
}

/** The first success counts for good: what is staged stays. */
function once<T>(make: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let found: Promise<T> | undefined;
  return async (signal) => {
    found ??= make(signal);
    try {
      return await found;
    } catch (err) {
      found = undefined;
      throw err;
    }
  };
}
