// What the k0s in a machine says about itself: `k0s status -o json`, read as far as whoever waits for it needs.

import { z } from "zod";
import type { Machine } from "./machine.ts";

const nodeStatus = z.looseObject({
  Healthy: z.boolean(),
  Version: z.string(),
  Role: z.string(),
  Workloads: z.boolean(),
  Problems: z.array(z.string()),
  Cluster: z.object({ Ready: z.boolean(), WaitingFor: z.array(z.string()) }).optional(),
  Components: z
    .array(z.object({ name: z.string(), state: z.string(), restarts: z.number(), since: z.string() }))
    .default([]),
});
export type NodeStatus = z.infer<typeof nodeStatus>;

/** Undefined where no k0s answers (yet). */
export async function askNode(machine: Machine, signal: AbortSignal): Promise<NodeStatus | undefined> {
  const { stdout } = await machine.exec(["k0s", "status", "-o", "json"], {
    timeoutMs: 15_000,
    signal,
  });
  if (!stdout.startsWith("{")) return undefined;
  return nodeStatus.parse(JSON.parse(stdout));
}
