// Pods of ours: their processes by control group, their network namespaces and ids by what containerd has on disk.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodePaths } from "../../config/paths.ts";
import { detectCgroups } from "../../os/cgroups.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { listProcesses } from "../../os/processes.ts";
import { errno, isNotFound } from "../../std/errors.ts";
import type { NamedProcess } from "./observation.ts";

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

/** Where kubelet puts itself and containerd (`kubeletCgroups`, reference §8.9) when there is no systemd to make it. */
export async function serviceCgroups(): Promise<string[]> {
  const hierarchies = (await detectCgroups())?.hierarchies ?? [];
  const roots = [...new Set(hierarchies.map(({ mountPoint }) => mountPoint))];
  return roots.flatMap((root) =>
    ["system.slice/containerd.service", "system.slice"].map((name) => join(root, name)),
  );
}

/** Every process whose group lies below kubelet's. */
export async function podProcesses(): Promise<NamedProcess[]> {
  const found = await Promise.all(
    (await listProcesses()).map(async ({ pid, startTime, comm, state }) => {
      if (state === "Z") return [];
      const groups = await groupsOf(pid);
      return /:\/kubepods(\.slice)?\//.test(groups) ? [{ pid, startTime, name: comm }] : [];
    }),
  );
  return found.flat();
}

export interface ContainerState {
  readonly ids: readonly string[];
  readonly netns: readonly string[];
}

/** From the bundles of containerd's tasks. */
export async function containerState(paths: NodePaths): Promise<ContainerState> {
  const tasks = join(paths.containerdStateDir, "io.containerd.runtime.v2.task", "k8s.io");
  const ids = await names(tasks);
  const netns = await Promise.all(
    ids.map(async (id) => netnsOf(await readFileIfExists(join(tasks, id, "config.json")))),
  );
  return { ids, netns: [...new Set(netns.flat())] };
}

/** Names in a directory; none when it does not exist. */
export async function names(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return [];
    throw err;
  }
}

function netnsOf(config: string | undefined): string[] {
  if (config === undefined) return [];
  try {
    const { linux } = JSON.parse(config) as { linux?: { namespaces?: { type: string; path?: string }[] } };
    const paths = (linux?.namespaces ?? [])
      .filter(({ type }) => type === "network")
      .map(({ path }) => path ?? "");
    // Pods of the host's network have none of their own.
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
