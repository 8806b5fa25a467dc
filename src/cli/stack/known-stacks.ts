// The stacks that people may ask about: those whose status the leader has written, and the folders of this host.

import { listStackFolders } from "../../deployer/stack-files.ts";
import { whyReserved } from "../../deployer/reserved-stacks.ts";
import type { StackStatus } from "../../deployer/stack-status.ts";
import { readStatusData, statusesOf } from "../../deployer/status-object.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { NodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { adminClient } from "../core/admin-client.ts";
import { askServer } from "../core/ask-server.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { type KnownChart, knownCharts } from "../../components/helm-extensions/known-charts.ts";
import type { KnownStack } from "./text.ts";

export interface StackFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly out: string;
}

export interface Cluster {
  readonly client: KubeClient;
  readonly paths: NodePaths;
  /** By name. */
  readonly stacks: readonly KnownStack[];
  /** None when certain stacks were asked for. */
  readonly charts: readonly KnownChart[];
}

/** Asks the API server of this host. `names`: these stacks only, which must exist. */
export async function knownStacks(names: readonly string[], flags: StackFlags, io: CliIo): Promise<Cluster> {
  const paths = await livePaths(flags, io);
  const client = await adminClient(paths);
  const [data, charts] = await askServer(
    (signal) =>
      Promise.all([
        readStatusData(client, signal),
        names.length === 0 ? knownCharts(client, signal) : Promise.resolve([]),
      ]),
    io,
  );
  const folders = ((await listStackFolders(paths.manifestsDir)) ?? []).filter(
    (folder) => whyReserved(folder) === undefined,
  );
  const stacks = mergedStacks(statusesOf(data ?? {}), folders);
  return { client, paths, charts, stacks: names.length === 0 ? stacks : chosen(stacks, [...new Set(names)]) };
}

/** A folder that no controller has looked at yet is known, too. */
export function mergedStacks(
  statuses: ReadonlyMap<string, StackStatus>,
  folders: readonly string[],
): KnownStack[] {
  const names = [...new Set([...statuses.keys(), ...folders])].sort();
  return names.map((name) => ({ name, folder: folders.includes(name), status: statuses.get(name) }));
}

function chosen(stacks: readonly KnownStack[], names: readonly string[]): KnownStack[] {
  return names.map((name) => {
    const found = stacks.find((stack) => stack.name === name);
    if (found !== undefined) return found;
    throw new UserError(`there is no stack ${name}`, {
      code: "no-such-stack",
      hint: "See `k0s stack list`.",
    });
  });
}
