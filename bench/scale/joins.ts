// 200 nodes that join one controller at once, as far as they ask it.

import { scaleCluster } from "./cluster.ts";
import type { Figures } from "./step.ts";

export async function measureJoins(count: number, signal: AbortSignal): Promise<Figures> {
  await using cluster = await scaleCluster(1, signal);
  const [controller] = cluster.controllers;
  if (controller === undefined) throw new Error("there is no controller");
  const token = async (role: string): Promise<string> =>
    (await controller.machine.ok(["k0s", "token", "create", "--role", role, "--wait"])).trim();
  return await controller.ask("join-storm", String(count), await token("controller"), await token("worker"));
}
