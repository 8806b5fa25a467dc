// A deployer on a real API server that leads from the start, looks often, and believes soon what it sees.

import {
  createStackDeployer,
  type StackDeployer,
  type StackDeployerOptions,
} from "../../../src/deployer/stack-deployer.ts";
import { alwaysLeader } from "../../../src/kube/lease.ts";

type QuickOptions = Pick<
  StackDeployerOptions,
  "client" | "systemStacks" | "manifestsDir" | "inventoryDir" | "under" | "log"
> & {
  /** The time of the regular look at everything. */
  readonly driftMs: number;
};

export async function startQuickDeployer({ driftMs, ...options }: QuickOptions): Promise<StackDeployer> {
  const deployer = createStackDeployer({
    ...options,
    machine: "m",
    leader: alwaysLeader(),
    timing: {
      replacedMs: 100,
      writtenMs: 200,
      pollMs: 500,
      driftMs,
      grace: { ordinaryMs: 500, preciousMs: 1_000 },
    },
  });
  await deployer.init?.(AbortSignal.timeout(60_000));
  await deployer.start(AbortSignal.timeout(60_000));
  return deployer;
}
