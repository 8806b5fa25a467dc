// A TestCluster in the words of some long tests: one controller, named `controller`, and workers that join it by tokens.

import { type NodePlan, started, TestCluster } from "./cluster.ts";
import type { ClusterSpec } from "./cluster-config.ts";
import type { TestMachine } from "./test-machine.ts";

export interface WorkerClusterPlan {
  /** `spec` of the configuration. */
  readonly spec?: ClusterSpec;
  readonly controllerArgs?: readonly string[];
  readonly prepareController?: (machine: TestMachine) => Promise<void>;
  readonly workers: readonly NodePlan[];
}

export const tokenFile = "/etc/k0s-token";

export class WorkerCluster extends TestCluster {
  async token(...flags: readonly string[]): Promise<string> {
    return (await this.controller.k0s("token", "create", ...flags)).trim();
  }

  override addWorker(plan: NodePlan, token?: string): Promise<TestMachine> {
    return super.addWorker(token === undefined ? plan : { ...plan, token });
  }

  /** Again, by the same command. */
  startWorker({ name }: Pick<NodePlan, "name">) {
    return this.worker(name).restartK0s();
  }

  waitReady(node: string): Promise<void> {
    return this.nodeReady(node);
  }
}

/** The workers have joined and are Ready when it resolves. Logs are shown when that fails. */
export async function startWorkerCluster(plan: WorkerClusterPlan): Promise<WorkerCluster> {
  const { spec = {}, controllerArgs = [], prepareController, workers } = plan;
  const prepare = prepareController === undefined ? {} : { prepare: prepareController };
  const controllers = [{ name: "controller", args: controllerArgs, ...prepare }];
  return await started(new WorkerCluster({ spec, controllers, workers }));
}
