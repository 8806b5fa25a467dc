// Takes timelines: of a first start, and of a restart on the same data, for each kind of node; or of one that joins a controller.

import { UserError } from "../../src/std/errors.ts";
import { unlessAborted } from "../../src/std/wait.ts";
import { configFile } from "../../test/harness/cluster-config.ts";
import { inNetwork, oneNode } from "../cluster.ts";
import { BenchNode, type NodeOptions } from "../node.ts";
import { join } from "../rows/join.ts";
import type { Variant } from "../variant.ts";
import { logMoments } from "./log-moments.ts";
import { type Timeline, timelineRows } from "./timeline.ts";

interface Kind extends NodeOptions {
  readonly until: "api" | "node" | "pods";
  /** A controller that was there before, with a token for this role. */
  readonly joins?: "controller" | "worker";
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
  join: { name: "second", args: ["controller", "--debug"], until: "api", joins: "controller" },
  worker: { name: "worker", args: ["worker", "--debug"], until: "node", joins: "worker" },
};

/** Throws a UserError for a name that is none of them. */
export function kindOf(name: string): Kind {
  const kind = kinds[name];
  if (kind !== undefined) return kind;
  throw new UserError(`there is no timeline ${name}`, {
    hint: `There are ${Object.keys(kinds).join(", ")}.`,
  });
}

/** First start and restart of one kind. */
export async function takeTimelines(
  name: string,
  variant: Variant,
  signal: AbortSignal,
): Promise<readonly Timeline[]> {
  const kind = kindOf(name);
  const options = { ...kind, ...variant };
  if (kind.joins !== undefined) return [await followJoin(name, options, kind.joins, signal)];
  await using node = await oneNode(options, signal);
  return await unlessAborted(followTwice(node, name, kind.until), signal);
}

async function followTwice(
  node: BenchNode,
  name: string,
  until: Kind["until"],
): Promise<readonly Timeline[]> {
  const first = await follow(node, `${name}, first start`, until);
  await node.stopK0s();
  const lengthBefore = (await node.log()).length;
  // Pods have run on meanwhile.
  const again = await follow(node, `${name}, restart`, until === "api" ? "api" : "node", lengthBefore);
  await node.stopK0s();
  return [first, again];
}

async function followJoin(
  name: string,
  options: NodeOptions & Pick<Kind, "until">,
  role: "controller" | "worker",
  signal: AbortSignal,
): Promise<Timeline> {
  await using machines = await inNetwork(signal, async (network) => ({
    first: await BenchNode.create(network, { ...options, name: "first", args: ["controller"] }),
    node: await BenchNode.create(network, options),
  }));
  return await unlessAborted(followJoining(machines, name, role, options.until), signal);
}

async function followJoining(
  { first, node }: { readonly first: BenchNode; readonly node: BenchNode },
  name: string,
  role: "controller" | "worker",
  until: Kind["until"],
): Promise<Timeline> {
  await first.ask("follow-start", String(await first.startK0s()), "api");
  const startedAt = await join(first, node, role);
  // A worker has nobody's leave to ask about its Node.
  const found =
    role === "worker"
      ? await first.ask("follow-start", String(startedAt), "node")
      : await node.ask("follow-timeline", String(startedAt), until);
  return timelineOf(node, `${name}, first start`, { startedAt, found });
}

async function follow(node: BenchNode, name: string, until: Kind["until"], logFrom = 0): Promise<Timeline> {
  const startedAt = await node.startK0s();
  const found = await node.ask("follow-timeline", String(startedAt), until);
  return timelineOf(node, name, { startedAt, found, logFrom });
}

interface Followed {
  readonly startedAt: number;
  /** What a program in a machine has printed. */
  readonly found: Readonly<Record<string, number>>;
  readonly logFrom?: number;
}

async function timelineOf(
  node: BenchNode,
  name: string,
  { startedAt, found, logFrom = 0 }: Followed,
): Promise<Timeline> {
  const programs = Object.entries(found).filter(([key]) => key.startsWith("program "));
  const processorMs = Object.fromEntries(programs.map(([key, ms]) => [key.slice("program ".length), ms]));
  const milestones = ["spawn", "api", "node", "pods"].flatMap((milestone) => {
    const atMs = found[milestone];
    return atMs === undefined ? [] : [{ name: milestone, atMs, processorMs: found[`cpu ${milestone}`] ?? 0 }];
  });
  const moments = logMoments((await node.log()).slice(logFrom)).filter(({ atMs }) => atMs >= startedAt);
  return { name, milestones, rows: timelineRows(moments, startedAt, processorMs), processorMs };
}
