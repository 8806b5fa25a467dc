// What the k0s in a machine says about itself: `k0s status -o json`, read as far as those who wait for it need.

import * as z from "zod";
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

/** A program that starts, and an answer from memory. */
const answerLimitMs = 60_000;

/** Undefined where no k0s answers (yet), in `limitMs` milliseconds. */
export async function askNode(
  machine: Machine,
  signal: AbortSignal,
  limitMs = answerLimitMs,
): Promise<NodeStatus | undefined> {
  const deadline = AbortSignal.timeout(limitMs);
  try {
    const { stdout } = await machine.exec(["k0s", "status", "-o", "json"], {
      timeoutMs: 2 * limitMs,
      signal: AbortSignal.any([signal, deadline]),
    });
    if (!stdout.startsWith("{")) return undefined;
    return nodeStatus.parse(JSON.parse(stdout));
  } catch (err) {
    // How long it is waited for is not decided here.
    if (deadline.aborted && !signal.aborted) return undefined;
    throw err;
  }
}
