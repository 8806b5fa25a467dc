// The component of Helm charts on a leader of its own, with a real API server and the real helm.

import { join } from "node:path";
import { helmComponent } from "../../../src/components/helm-extensions/component.ts";
import type { ClusterConfig } from "../../../src/config/cluster-config.ts";
import { alwaysLeader } from "../../../src/kube/lease.ts";
import { execSelf } from "../../../src/os/testdata/exec-self.ts";
import { nodePaths } from "../../../src/product/paths.ts";
import type { Logger } from "../../../src/std/log.ts";
import type { Component } from "../../../src/supervisor/component.ts";
import type { TestApiServer } from "./api-server.ts";

export interface HelmRun {
  readonly api: TestApiServer;
  /** Holds the run directory; default for `dataDir`. */
  readonly dir: string;
  readonly dataDir?: string;
  /** Path of helm. */
  readonly program: string;
  readonly log: Logger;
}

/** `running` is told of it before it starts, so that a start that fails is stopped, too. */
export async function runHelm(
  config: ClusterConfig,
  { api, dir, dataDir = dir, program, log }: HelmRun,
  running: (component: Component) => void,
): Promise<void> {
  const paths = { ...nodePaths({ dataDir, runDir: join(dir, "run") }), adminKubeconfig: api.kubeconfig };
  const component = helmComponent({
    config,
    paths,
    self: execSelf,
    noProxy: () => [],
    client: async () => api.client,
    leader: alwaysLeader(),
    log,
    program: async () => program,
  });
  running(component);
  await component.init?.(AbortSignal.timeout(60_000));
  await component.start(AbortSignal.timeout(60_000));
}
