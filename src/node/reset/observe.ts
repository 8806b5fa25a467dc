// Looks at the whole host for what k0s and its cluster have made.

import type { NodePaths } from "../../config/paths.ts";
import { lookupUser } from "../../os/users.ts";
import { listMounts, mountsBelow } from "../../os/mounts.ts";
import { processArguments } from "../../os/processes.ts";
import { findManagedProcesses } from "../../supervisor/managed-processes.ts";
import type { HostToolset } from "./host-tools.ts";
import type { NamedProcess, Observation } from "./observation.ts";
import { observeNetwork } from "./observe-network.ts";
import { clusterPaths, existing, ownDirectories, sharedDirectories, wasNode } from "./observe-paths.ts";
import { containerState, podCgroups, podProcesses, serviceCgroups } from "./observe-pods.ts";

/** Mounted by others below a directory of ours, or by our pods outside of k0s' own. */
const podMountRoots = ["/run/calico", "/var/lib/calico"];

export interface ObserveOptions {
  readonly paths: NodePaths;
  readonly users: readonly string[];
  readonly tools: HostToolset;
  /** Add up the sizes of directories, which takes a while. */
  readonly measure: boolean;
}

export async function observeHost({ paths, users, tools, measure }: ObserveOptions): Promise<Observation> {
  const [mounts, managed, node] = await Promise.all([listMounts(), managedProcesses(paths), wasNode(paths)]);
  const own = ownDirectories(paths);
  const involved = node || managed.length > 0;
  const containers = await containerState(paths);
  const network = involved ? await observeNetwork(tools) : undefined;
  const inPods = involved ? await podProcesses() : [];
  const outside = involved ? await clusterPaths(containers) : [];
  const roots = involved ? [...own, ...podMountRoots] : own;
  const managedPids = new Set(managed.map(({ pid }) => pid));
  return {
    wasNode: node,
    managed,
    inPods: inPods.filter(({ pid }) => !managedPids.has(pid)),
    mounts: [...new Set(roots.flatMap((root) => mountsBelow(mounts, root).map(({ target }) => target)))],
    netns: containers.netns,
    links: network?.links ?? [],
    nftTables: network?.nftTables ?? [],
    iptables: network?.iptables ?? [],
    emptyTables: network?.emptyTables ?? [],
    ipsets: network?.ipsets ?? [],
    routes: network?.routes ?? [],
    cgroups: involved ? await podCgroups() : [],
    users: involved ? users.filter((name) => lookupUser(name) !== undefined) : [],
    paths: await existing({ outside, own, mounts, measure }),
    maybeEmpty: involved ? [...sharedDirectories, ...(await serviceCgroups())] : [],
    leftAlone: (network?.othersTables ?? []).map(({ family, name }) => `nft table ${family} ${name}`),
  };
}

async function managedProcesses(paths: NodePaths): Promise<NamedProcess[]> {
  const found = await findManagedProcesses(paths.binDir);
  return Promise.all(
    found.map(async ({ pid, startTime, comm }) => {
      const [argv0 = comm] = await processArguments(pid);
      return { pid, startTime, name: argv0.split("/").at(-1) ?? comm };
    }),
  );
}
