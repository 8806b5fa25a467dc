// Pods of k0s: their processes by control group, their network namespaces and ids by what containerd has on disk.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { detectCgroups } from "../../os/cgroups.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { listProcesses } from "../../os/processes.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import type { NamedProcess } from "./observation.ts";
import { namesIn } from "../../os/names-in.ts";

/** Groups at the root of each hierarchy that kubelet and k0s make. */
const groupNames = ["kubepods", "kubepods.slice", "k0s"];

export async function podCgroups(): Promise<string[]> {
  const hierarchies = (await detectCgroups())?.hierarchies ?? [];
  const candidates = hierarchies.flatMap(({ mountPoint }) =>
    groupNames.map((name) => join(mountPoint, name)),
  );
  const present = await Promise.all(
    candidates.map(async (path) => ((await statIfExists(path)) === undefined ? [] : [path])),
  );
  return [...new Set(present.flat())];
}

/** Where kubelet puts itself and containerd (`kubeletCgroups`) when there is no systemd to make it. */
export async function serviceCgroups(): Promise<string[]> {
  const hierarchies = (await detectCgroups())?.hierarchies ?? [];
  const roots = [...new Set(hierarchies.map(({ mountPoint }) => mountPoint))];
  return roots.flatMap((root) =>
    ["system.slice/containerd.service", "system.slice"].map((name) => join(root, name)),
  );
}

export interface PodProcesses {
  /** Of pods that our kubelet or our containerd knows. */
  readonly ours: readonly NamedProcess[];
  /** Of other pods: another kubelet on this host names its groups alike. */
  readonly others: readonly NamedProcess[];
  /** Of the pods that the others are in. */
  readonly othersUids: readonly string[];
}

/** Every process whose group lies below kubelet's. */
export async function podProcesses(known: KnownPods): Promise<PodProcesses> {
  const ours: NamedProcess[] = [];
  const others: NamedProcess[] = [];
  const othersUids = new Set<string>();
  for (const { pid, startTime, comm, state } of await listProcesses()) {
    const pod = state === "Z" ? undefined : podOfCgroups(await groupsOf(pid));
    if (pod === undefined) continue;
    const isOurs =
      known.uids.has(pod.uid) || (pod.container !== undefined && known.containers.has(pod.container));
    (isOurs ? ours : others).push({ pid, startTime, name: comm });
    if (!isOurs) othersUids.add(pod.uid);
  }
  return { ours, others, othersUids: [...othersUids] };
}

export interface KnownPods {
  readonly uids: ReadonlySet<string>;
  readonly containers: ReadonlySet<string>;
}

/** kubelet keeps a directory for each pod, named by its uid. */
export async function knownPods(
  kubeletRootDirs: readonly string[],
  containers: ContainerState,
): Promise<KnownPods> {
  const uids = await Promise.all(kubeletRootDirs.map((root) => namesIn(join(root, "pods"))));
  return { uids: new Set(uids.flat()), containers: new Set(containers.ids) };
}

/** Where every other kubelet keeps its pods, if nobody has told it otherwise. */
const usualPods = "/var/lib/kubelet/pods";

/** Uids of pods that are another kubelet's: of those that run, and of those that it keeps. The usual directory may be a link to our own. */
export async function strangersPods(
  known: Pick<KnownPods, "uids">,
  running: readonly string[],
  dir = usualPods,
): Promise<ReadonlySet<string>> {
  return new Set([...running, ...(await namesIn(dir))].filter((uid) => !known.uids.has(uid)));
}

/** From the text of /proc/PID/cgroup: whose group it is, in the way of cgroupfs or of systemd. */
export function podOfCgroups(
  cgroups: string,
): { readonly uid: string; readonly container: string | undefined } | undefined {
  const path = /:(\/(?:.*\/)?kubepods(?:\.slice)?\/.*)$/m.exec(cgroups)?.[1];
  if (path === undefined) return undefined;
  const parts = path.split("/").slice(1);
  const at = parts.findIndex(
    (part) => /^(?:kubepods-.*)?pod[^/]+$/.test(part) && !part.startsWith("kubepods.s"),
  );
  const [, uid = ""] = /pod([^/]+?)(?:\.slice)?$/.exec(parts[at]?.replace(/^kubepods-/, "") ?? "") ?? [];
  const container = at < 0 ? undefined : parts[at + 1]?.replace(/^cri-containerd-|\.scope$/g, "");
  return { uid: uid.replaceAll("_", "-"), container };
}

export interface ContainerState {
  readonly ids: readonly string[];
  /** Where their bundles are. */
  readonly bundlesDir: string;
  readonly netns: readonly string[];
}

export const noContainers: ContainerState = { ids: [], bundlesDir: "", netns: [] };

/** From the bundles of containerd's tasks. */
export async function containerState(paths: NodePaths): Promise<ContainerState> {
  const bundlesDir = join(paths.containerdStateDir, "io.containerd.runtime.v2.task", "k8s.io");
  const ids = await namesIn(bundlesDir);
  const netns = await Promise.all(
    ids.map(async (id) => netnsOf(await readFileIfExists(join(bundlesDir, id, "config.json")))),
  );
  return { ids, bundlesDir, netns: [...new Set(netns.flat())] };
}

function netnsOf(config: string | undefined): string[] {
  if (config === undefined) return [];
  try {
    const { linux } = JSON.parse(config) as { linux?: { namespaces?: { type: string; path?: string }[] } };
    const paths = (linux?.namespaces ?? [])
      .filter(({ type }) => type === "network")
      .map(({ path }) => path ?? "");
    // Pods in the host's network have no namespace of their own.
    return paths.filter((path) => /^(\/var)?\/run\/netns\/cni-[0-9a-f-]+$/.test(path));
  } catch (err) {
    if (err instanceof SyntaxError) return [];
    throw err;
  }
}

async function groupsOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cgroup`, "utf8");
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ESRCH") return "";
    throw err;
  }
}
