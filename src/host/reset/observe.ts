// Looks at the whole host for what k0s and its cluster have made.

import { join } from "node:path";
import type { InstallationRecord } from "../../config/installation-record.ts";
import type { NodePaths } from "../../product/paths.ts";
import { redirectTable } from "../../components/control-plane-address/declaration.ts";
import { filesOfDatabase } from "../../components/kine/database-file.ts";
import { statIfExists } from "../../os/files.ts";
import { readSysctl } from "../../os/kernel.ts";
import { listMounts, mountsBelow } from "../../os/mounts.ts";
import { processArguments } from "../../os/processes.ts";
import { realPath } from "../../os/real-path.ts";
import { whyUserStays } from "../../os/users.ts";
import { findMarkedProcesses } from "../../supervisor/managed-processes.ts";
import { podMountRoots } from "../outside-paths.ts";
import { type InitSystem, serviceNames } from "../service/definition.ts";
import { detectInitSystem, thisHost } from "../service/detect.ts";
import { thisServiceHost } from "../service/effects.ts";
import { serviceLogFiles } from "../service/log-files.ts";
import type { HostToolset } from "./host-tools.ts";
import { type NamedProcess, nothingObserved, type Observation } from "./observation.ts";
import { type NetworkObservation, observeNetwork } from "./observe-network.ts";
import { observeService } from "./observe-service.ts";
import { observeServiceLogs } from "./observe-service-logs.ts";
import { measured, observeOutside } from "./observe-paths.ts";
import { observeOwn } from "./observe-own.ts";
import { observeOperatorFiles } from "./observe-yours.ts";
import {
  containerState,
  knownPods,
  noContainers,
  podCgroups,
  podProcesses,
  serviceCgroups,
  strangersPods,
} from "./observe-pods.ts";
import type { RunDirOwner } from "./run-directory.ts";

export interface ObserveOptions {
  readonly paths: NodePaths;
  /** Of the installation that is to be removed; undefined when nothing is in its directory. */
  readonly record: InstallationRecord | undefined;
  /** Names in the data directory that nothing proves. */
  readonly unproven: readonly string[];
  readonly runDirOwner: RunDirOwner;
  readonly linked: ReadonlySet<string>;
  readonly lockIsNew: boolean;
  readonly tools: HostToolset;
  /** Add up the sizes of directories, which takes a while. */
  readonly measure: boolean;
}

export async function observeHost(options: ObserveOptions): Promise<Observation> {
  const { paths, record, runDirOwner, tools, measure } = options;
  const [mounts, marked] = await Promise.all([listMounts(), findMarkedProcesses(paths.binDir)]);
  const managed = await named(marked.filter(({ own }) => own));
  const [init, host] = [
    await detectInitSystem(await thisHost()),
    thisServiceHost(new AbortController().signal),
  ];
  const { service, leftAlone: otherServices } = await observeService(init, host, paths.dataDir);
  const ownDirectories = await observeOwn({ ...options, mounts });
  // As where a running node looks for them: under the name of the k0s file.
  const program = realPath(process.env["K0S_SELF"] ?? process.execPath);
  const logs = await observeServiceLogs(service, program, serviceLogFiles(program));
  const logPaths = await measured(logs.ours, { mounts, measure });
  // Without a record nothing outside of k0s' own directories is proven.
  if (record === undefined) {
    const { own, mounts: ownMounts, others } = ownDirectories;
    const files = options.unproven.map((name) => join(paths.dataDir, name));
    return {
      ...nothingObserved,
      service,
      own,
      paths: logPaths,
      stays: logs.stays,
      mounts: ownMounts,
      leftAlone: [...otherServices, ...others, ...files],
    };
  }
  // What is in the run directory tells of our containers only if it is ours; links and rules belong to everything that
  // runs pods.
  const alone = runDirOwner.kind === "ours";
  const roots = kubeletRootDirs(paths, record);
  const ranPods = alone && record.ranPods === true;
  const { absentBefore } = record;
  const containers = alone ? await containerState(paths) : noContainers;
  const known = await knownPods(roots, containers);
  const pods = await podProcesses(known);
  const managedPids = new Set(managed.map(({ pid }) => pid));
  const inPods = pods.ours.filter(({ pid }) => !managedPids.has(pid));
  const ending = new Set([...managedPids, ...inPods.map(({ pid }) => pid)]);
  const users = await Promise.all(
    record.users.map(async (user) => ({ user, stays: await whyUserStays(user, ending) })),
  );
  const network = await observeNetwork(tools, containers.ids);
  const links = ranPods ? network : ofControlPlane(network);
  const outside = await observeOutside({
    containers,
    strangersPods: await strangersPods(known, pods.othersUids),
    ranPods,
    alone,
    absentBefore,
    cniBinDir: paths.cniBinDir,
    mounts,
    measure,
  });
  const podMounts = podMountRoots
    .filter((root) => ranPods && absentBefore.includes(root))
    .flatMap((root) => mountsBelow(mounts, root).map(({ target }) => target));
  const inherited = await named(marked.filter(({ own }) => !own));
  return {
    ...links,
    service,
    managed,
    inPods,
    mounts: [...ownDirectories.mounts, ...podMounts],
    netns: containers.netns,
    // Groups in which somebody else's pods run are left to their owner.
    cgroups: !ranPods || pods.others.length > 0 ? [] : await podCgroups(),
    users: users.flatMap(({ user, stays }) => (stays === undefined ? [user] : [])),
    paths: [...outside.paths, ...logPaths],
    own: ownDirectories.own,
    yours: await observeOperatorFiles(paths),
    maybeEmpty: [...outside.maybeEmpty, ...(await serviceCgroups()), ...managersDirectories(init)],
    leftAlone: [
      ...otherServices,
      ...network.leftAlone,
      ...outside.leftAlone,
      ...ownDirectories.others,
      ...(runDirOwner.kind === "another's"
        ? [`${paths.runDir} (of the installation at ${runDirOwner.dataDirs.join(", ")})`]
        : []),
      ...pods.others.map(({ pid, name }) => `process ${pid} ${name} in a pod of another kubelet`),
    ],
    stays: [
      ...ownDirectories.stays,
      ...logs.stays,
      ...(await databases(record.databases ?? [])),
      ...users.flatMap(({ user, stays }) => (stays === undefined ? [] : [`user ${user.name} (${stays})`])),
      ...inherited.map(({ pid, name }) => `process ${pid} ${name} (started for a pod's volume)`),
    ],
    parameters: await changedParameters(record.sysctlsBefore),
  };
}

/** When the service went, pods still ran in the control group that its manager had made for it. */
function managersDirectories(init: InitSystem | undefined): string[] {
  return serviceNames.flatMap((name) => init?.leavesEmpty?.(name) ?? []);
}

/** They hold what the cluster was, and may be kept for another one: the user can remove them. */
async function databases(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    const present: string[] = [];
    for (const path of filesOfDatabase(file))
      if ((await statIfExists(path)) !== undefined) present.push(path);
    if (present.length > 0) found.push(`the database ${file} (to remove it: rm ${present.join(" ")})`);
  }
  return found;
}

/** Without pods there is only the balancer of a controller's virtual address. */
function ofControlPlane({ nftTables, leftAlone }: NetworkObservation): NetworkObservation {
  const { links, iptables, emptyTables, ipsets, routes } = nothingObserved;
  const ours = nftTables.filter(({ name }) => name === redirectTable);
  return { links, iptables, emptyTables, ipsets, routes, nftTables: ours, leftAlone };
}

async function named(
  processes: readonly { readonly pid: number; readonly startTime: number; readonly comm: string }[],
): Promise<NamedProcess[]> {
  return Promise.all(
    processes.map(async ({ pid, startTime, comm }) => {
      const [argv0 = comm] = await processArguments(pid);
      return { pid, startTime, name: argv0.split("/").at(-1) ?? comm };
    }),
  );
}

/** Others may rely on them by now, so they stay, and the user can put the former values back. */
async function changedParameters(before: Readonly<Record<string, string>>): Promise<string[]> {
  const lines = await Promise.all(
    Object.entries(before).map(async ([name, value]) => {
      const now = await readSysctl(name);
      return now === undefined || now === value ? [] : [`${name}=${now} (before k0s: ${value})`];
    }),
  );
  return lines.flat();
}

/** Where the pods of a runtime that is not k0s' are known. */
export function kubeletRootDirs(paths: NodePaths, record: InstallationRecord | undefined): readonly string[] {
  return [
    ...new Set([...(record?.kubeletRootDirs ?? []), paths.kubeletRootDir, join(paths.dataDir, "kubelet")]),
  ];
}
