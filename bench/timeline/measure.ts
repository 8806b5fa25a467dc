// Takes timelines: of a first start, and of a restart on the same data, for each kind of node.

import { configFile } from "../../test/harness/cluster-config.ts";
import { oneNode } from "../cluster.ts";
import type { BenchNode, NodeOptions } from "../node.ts";
import { logMoments } from "./log-moments.ts";
import { type Timeline, timelineRows } from "./timeline.ts";

interface Kind extends NodeOptions {
  readonly until: "api" | "pods";
}

const single = ["controller", "--single", "--debug"];

/** By the name of their pictures. */
export const kinds: Readonly<Record<string, Kind>> = {
  calico: { name: "bench", args: single, until: "pods" },
  kuberouter: {
    name: "bench",
    args: [...single, "--config", configFile],
    spec: { network: { provider: "kuberouter" } },
    until: "pods",
  },
  etcd: { name: "bench", args: ["controller", "--debug"], until: "api" },
};

/** First start and restart of one kind, with the file `k0s` if it is given. */
export async function takeTimelines(
  name: string,
  k0s: string | undefined,
  signal: AbortSignal,
): Promise<readonly Timeline[]> {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`there is no timeline ${name}`);
  await using node = await oneNode({ ...kind, ...(k0s === undefined ? {} : { k0s }) }, signal);
  const first = await follow(node, `${name}, first start`, kind.until);
  await node.stopK0s();
  const lengthBefore = (await node.log()).length;
  const again = await follow(node, `${name}, restart`, "api", lengthBefore);
  await node.stopK0s();
  return [first, again];
}

async function follow(node: BenchNode, name: string, until: "api" | "pods", logFrom = 0): Promise<Timeline> {
  const startedAt = await node.startK0s();
  const found = await node.ask("follow-timeline", String(startedAt), until);
  const programs = Object.entries(found).filter(([key]) => key.startsWith("program "));
  const processorMs = Object.fromEntries(programs.map(([key, ms]) => [key.slice("program ".length), ms]));
  const milestones = ["spawn", "api", "node", "pods"].flatMap((milestone) => {
    const atMs = found[milestone];
    return atMs === undefined ? [] : [{ name: milestone, atMs, processorMs: found[`cpu ${milestone}`] ?? 0 }];
  });
  const moments = logMoments((await node.log()).slice(logFrom)).filter(({ atMs }) => atMs >= startedAt);
  return { name, milestones, rows: timelineRows(moments, startedAt, processorMs), processorMs };
}
